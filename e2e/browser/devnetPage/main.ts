// Puts the devnet where a test can call it: as a value in the page itself, and in a worker.
import { createDevnet, serveDevnet } from '@latchkey/devnet';
import { openDevnetWorker } from '@latchkey/devnet/page';
import { replay } from '../../replay.ts';

const inPage = { createDevnet, serveDevnet, openDevnetWorker, replay };
export type InPage = typeof inPage;
Object.assign(globalThis, { inPage });
