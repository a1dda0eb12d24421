// The way back, shown above the heading of every screen that is one step away from another.
import { Link } from 'react-router';
import { Icon } from '../ui/Icon.tsx';

export function BackTo({ to, children }: { to: string; children: string }) {
  return (
    <Link to={to} className="back">
      <Icon name="back" />
      {children}
    </Link>
  );
}
