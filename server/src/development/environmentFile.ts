// The settings that `npm start` made, left in its folder for commands that work beside the server (`npm run relayer -- --dev`).
// They hold its secret keys, so only the user may read the file; those that the user had set are not in it.
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, type Environment } from '../config.ts';

const NAME = 'environment.json';

export async function keepEnvironment(dir: string, env: Environment, given: Environment): Promise<void> {
  const made = Object.entries(env).filter(([name, value]) => given[name] !== value);
  const file = join(dir, NAME);
  await writeFile(`${file}.new`, JSON.stringify(Object.fromEntries(made), null, 2), { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** @throws ConfigError when `npm start` has not been there */
export async function keptEnvironment(dir: string, given: Environment): Promise<Environment> {
  const text = await readFile(join(dir, NAME), 'utf8').catch(() => null);
  if (text === null) throw new ConfigError(`${dir} has no settings: start the server with npm start first.`);
  return { ...(JSON.parse(text) as Environment), ...given };
}
