// Everything that happened to the wallet, newest first, a page at a time.
import { Button } from '../../ui/Button.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { ActivityList } from '../ActivityList.tsx';
import { BackHome } from '../BackHome.tsx';
import { useActivity } from '../useActivity.ts';

const PAGE_SIZE = 20;

export function Activity() {
  const activity = useActivity(PAGE_SIZE);
  const { items, more, loading, failure } = activity;
  return (
    <Screen title="Activity" above={<BackHome />}>
      <ActivityList activity={activity} skeletonRows={6} />
      {items !== null && more !== null && !failure ? (
        <Button look="secondary" className="button-wide" busy={loading} onClick={more}>
          Load more
        </Button>
      ) : null}
      <p className="visually-hidden" role="status">
        {items === null ? 'Loading' : `${items.length} entries shown`}
      </p>
    </Screen>
  );
}
