// A server process for the crash stories: put together as in production from its environment, except that it kills
// itself, as kill -9 does, at the named step of a submission.
import { readConfig } from '../server/src/config.ts';
import { spawn } from '../server/src/spawn.ts';

const dieAt = process.env.DIE_AT;
const server = await spawn(readConfig(process.env), {
  observe(point) {
    if (point === dieAt) process.kill(process.pid, 'SIGKILL');
  },
});
process.send?.(server.url);
