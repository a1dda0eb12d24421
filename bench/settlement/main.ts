// `npm run bench:settlement [-- area…] [--json]`: what merchants' settlement wallets take. The command line is that of areas.ts.
import { runAreas } from '../areas.ts';
import { kekRotation } from './kekRotation.ts';
import { migrationFaults } from './migrationFaults.ts';
import { provision } from './provision.ts';
import { wallets } from './wallets.ts';

await runAreas({ provision, wallets, kekRotation, migrationFaults });
