// A key whose blade is cut after an address (see keyBitting). An ornament, hidden from screen readers.
import { BITTING_CUTS, keyBitting } from './keyBitting.ts';

const BLADE_START = 96;
const CUT_WIDTH = 20;
const TIP = BLADE_START + 20 + BITTING_CUTS * CUT_WIDTH;
const BLADE_TOP = 33;
const BLADE_BOTTOM = 57;
const DEPTH_STEP = 4;

function bladePath(address: string): string {
  let path = `M${BLADE_START} ${BLADE_TOP}H${TIP}l12 10-6 8`;
  const depths = keyBitting(address);
  for (let cut = BITTING_CUTS - 1; cut >= 0; cut--) {
    const x = BLADE_START + 16 + cut * CUT_WIDTH;
    path += `L${x + 13} ${BLADE_BOTTOM - depths[cut]! * DEPTH_STEP}h-8`;
  }
  return `${path}L${BLADE_START + 10} ${BLADE_BOTTOM}H${BLADE_START}z`;
}

/** Where bow and blade meet: a collar, a little wider than the blade. */
const COLLAR = 'M82 29H98V61H82z';

export function KeyOutline({ address }: { address: string }) {
  return (
    <svg className="key-outline" viewBox={`0 0 ${TIP + 16} 90`} aria-hidden="true">
      <path
        fillRule="evenodd"
        d="M46 3a42 42 0 1 0 0 84 42 42 0 0 0 0-84zM30 31a14 14 0 1 1 0 28 14 14 0 0 1 0-28z"
      />
      <path d={COLLAR} />
      <path d={bladePath(address)} />
      <path className="key-groove" d={`M${BLADE_START} 39H${TIP - 4}`} />
    </svg>
  );
}
