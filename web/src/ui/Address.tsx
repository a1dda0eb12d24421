// A whole address, set in groups of four that the eye can compare. The groups are set apart by CSS: what a person
// selects and copies is the address without spaces.
import { Fragment } from 'react';
import { addressGroups } from './addressGroups.ts';

export function Address({ address }: { address: string }) {
  return (
    <span className="address" translate="no">
      {addressGroups(address).map((group, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the position is the group's identity.
        <Fragment key={index}>
          <span className="address-group">{group}</span>
          <wbr />
        </Fragment>
      ))}
    </span>
  );
}
