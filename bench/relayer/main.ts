// `npm run bench:relayer [-- area…] [--json]`: what the relayer and the indexer take. The command line is that of areas.ts.
import { runAreas } from '../areas.ts';
import { indexer } from './indexer.ts';
import { lookup } from './lookup.ts';
import { submissions } from './submissions.ts';

await runAreas({ submissions, indexer, lookup });
