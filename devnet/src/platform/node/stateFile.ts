// State files, on Node's file system.
export { openJournal } from '../../network/journal.ts';
