// State files, which a page has no file system for: asking for one is an error that says so.

export function openJournal(): never {
  throw new TypeError('statePath names a file, and a browser has none');
}
