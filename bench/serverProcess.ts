// A server in a process of its own that tells what CPU time it has used: measuredServer.ts, started on an environment and
// asked over IPC. An answer that does not come because the process ended is an error, never a wait.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Environment } from '../server/src/config.ts';
import type { Ask, Told } from './measuredServer.ts';
import { bareEnvironment } from './processes.ts';

type Member<Kind extends Told['kind']> = Extract<Told, { kind: Kind }>;

export type ServerProcess = {
  url: string;
  ask<Kind extends Told['kind']>(question: Ask, kind: Kind): Promise<Member<Kind>>;
  /** CPU time that the process has used so far */
  cpuMs(): Promise<number>;
  stop(): Promise<void>;
};

async function heard<Kind extends Told['kind']>(child: ChildProcess, kind: Kind): Promise<Member<Kind>> {
  const answered = new AbortController();
  const { signal } = answered;
  const ended = async (): Promise<Told[]> => {
    const [code] = await once(child, 'exit', { signal });
    return [{ kind: 'failed', message: `the server ended with ${code}` }];
  };
  try {
    const [told] = (await Promise.race([once(child, 'message', { signal }), ended()])) as [Told];
    if (told.kind === 'failed') throw new Error(told.message);
    if (told.kind !== kind) throw new Error(`the server said "${told.kind}" for "${kind}"`);
    return told as Member<Kind>;
  } finally {
    answered.abort();
  }
}

async function stopped(child: ChildProcess): Promise<void> {
  if (!child.connected) return;
  const exit = once(child, 'exit');
  child.disconnect();
  await exit;
}

export async function startServer(env: Environment): Promise<ServerProcess> {
  const child = fork(new URL('measuredServer.ts', import.meta.url), {
    env: { ...bareEnvironment(), ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ask = <Kind extends Told['kind']>(question: Ask, kind: Kind) => {
    const answer = heard(child, kind);
    child.send(question);
    return answer;
  };
  try {
    const { url } = await heard(child, 'listening');
    return {
      url,
      ask,
      cpuMs: async () => (await ask({ kind: 'usage' }, 'usage')).cpuMs,
      stop: () => stopped(child),
    };
  } catch (error) {
    await stopped(child);
    throw error;
  }
}
