// Stands in for a list of rows until they have come.
export function LoadingRows({ count }: { count: number }) {
  return (
    <ul className="rows" aria-busy="true" aria-label="Loading">
      {Array.from({ length: count }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are alike and never move.
        <li className="row" key={row}>
          <span className="skeleton skeleton-row" />
        </li>
      ))}
    </ul>
  );
}
