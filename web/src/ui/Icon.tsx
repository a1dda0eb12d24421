// The app's icons as strokes on a 24-unit grid. Always decorative: the text beside an icon carries the meaning.

const PATHS = {
  out: 'M7 17 17 7M9 7h8v8',
  in: 'M17 7 7 17M7 9v8h8',
  list: 'M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01',
  copy: 'M9 9h10v11H9zM5 15V4h10',
  check: 'M5 12.5 10 17.5 19.5 7',
  key: 'M3 12a4.5 4.5 0 1 0 9 0 4.5 4.5 0 1 0-9 0M12 12h9v4M17 12v3',
  warning: 'M12 4 21 20H3zM12 10v5M12 17.5v.01',
  info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M12 11v5M12 8v.01',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M12 7.5V12l3 2',
  cross: 'M6 6l12 12M18 6 6 18',
  back: 'M11 6 5 12l6 6M5 12h14',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
