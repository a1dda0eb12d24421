// A server process for the crash stories: put together as in production from its environment, except that it kills
// itself, as kill -9 does, at the named step of a submission ("sent"), or of one of a kind ("sent:transfer").
import { readConfig } from '../server/src/config.ts';
import { spawn } from '../server/src/spawn.ts';

const [dieAt, kind] = (process.env.DIE_AT ?? '').split(':');
const server = await spawn(readConfig(process.env), {
  observe(point, row) {
    if (point === dieAt && (kind === undefined || kind === row.kind)) process.kill(process.pid, 'SIGKILL');
  },
});
process.send?.(server.url);
