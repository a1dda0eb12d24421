// `npm run install:clients`: brings what the clients' tests need beyond npm. stellar-cli is built from source, which
// takes several minutes the first time; it needs Rust (https://rustup.rs), the other two python3 with its venv module.
import { installTools } from './tools.ts';

try {
  installTools();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
