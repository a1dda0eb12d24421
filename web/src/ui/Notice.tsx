// A block that says something a person should know: information, success, warning or failure.
// Failures and warnings interrupt a screen reader (role alert), the others wait their turn (role status).
import type { ReactNode } from 'react';
import { Icon, type IconName } from './Icon.tsx';

type NoticeKind = 'info' | 'good' | 'warning' | 'bad';

const ICONS: Record<NoticeKind, IconName> = {
  info: 'info',
  good: 'check',
  warning: 'warning',
  bad: 'warning',
};

interface NoticeProps {
  kind: NoticeKind;
  title?: string;
  children?: ReactNode;
}

export function Notice({ kind, title, children }: NoticeProps) {
  return (
    <div className={`notice notice-${kind}`} role={kind === 'bad' || kind === 'warning' ? 'alert' : 'status'}>
      <Icon name={ICONS[kind]} />
      <div className="notice-body">
        {title ? <p className="notice-title">{title}</p> : null}
        {children}
      </div>
    </div>
  );
}
