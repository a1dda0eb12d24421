// What stands in the place of a list that has not come: rows without words while it loads, or why it did not.
import { LoadingRows } from '../ui/LoadingRows.tsx';
import { Notice } from '../ui/Notice.tsx';
import type { Failure } from '../wallet/failure.ts';

export function NotLoaded({ failure, rows }: { failure: Failure | null; rows: number }) {
  if (failure === null) return <LoadingRows count={rows} />;
  return (
    <Notice kind="bad">
      <p>{failure.sentence}</p>
    </Notice>
  );
}
