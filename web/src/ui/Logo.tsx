// The mark: a key whose stem and bit form an L, on its plate. Decorative beside the written name.

export function Logo({ withName = true }: { withName?: boolean }) {
  return (
    <span className="logo">
      <svg viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">
        <rect className="logo-plate" width="32" height="32" rx="8" />
        <g className="logo-key">
          <circle cx="12" cy="10" r="4.5" />
          <path d="M12 14.5V25.5H22V22M17 25.5V22.5" />
        </g>
      </svg>
      {withName ? <span className="logo-name">Latchkey</span> : null}
    </span>
  );
}
