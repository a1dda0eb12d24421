// JSON with its members in order, so that equal values have equal text wherever it is written; absent members are left out.
// For hashing on both sides of the wire. Numbers are written as JSON.stringify does.

export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((it) => canonicalJson(it ?? null)).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null);
  const members = Object.entries(value)
    .filter(([, it]) => it !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, it]) => `${JSON.stringify(name)}:${canonicalJson(it)}`);
  return `{${members.join(',')}}`;
}
