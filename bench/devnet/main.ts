// `npm run bench:devnet [-- area…] [--json]`: what the embedded network takes. The command line is that of areas.ts.
import { runAreas } from '../areas.ts';
import { engineRatio } from './engineRatio.ts';
import { events } from './events.ts';
import { http } from './http.ts';
import { memory } from './memory.ts';
import { coldStart, installSize } from './start.ts';
import { throughput } from './throughput.ts';

await runAreas({ coldStart, installSize, throughput, http, events, memory, engineRatio });
