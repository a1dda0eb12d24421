// The kits are published for bundlers: one as TypeScript, the other with imports that only a bundler resolves. So their
// story is bundled as an application's build would do it, with the kits as they were installed and nothing replaced.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const story = fileURLToPath(new URL('story.js', import.meta.url));

/** @param kitsFolder where npm installed the kits */
export async function bundleStory(kitsFolder: string, outputFolder: string): Promise<string> {
  const bundle = await rolldown({
    input: story,
    platform: 'node',
    resolve: { modules: ['node_modules', join(kitsFolder, 'node_modules')] },
    logLevel: 'silent',
  });
  const file = join(outputFolder, 'story.mjs');
  await bundle.write({ file, format: 'esm', codeSplitting: false });
  await bundle.close();
  return file;
}
