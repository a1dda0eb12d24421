// What the engine takes for a passkey transfer as WebAssembly and as a native program: the same recorded call, answered
// by both in turn. The native one needs Rust, and is built where LATCHKEY_NATIVE_ENGINE does not name the folder of its
// release build (devnet/host/README.md); the first time that takes some minutes. Without Rust the ratio is left out.
import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Engine } from '../../devnet/src/engine/engine.ts';
import { DEFAULT_PROTOCOL_VERSION } from '../../devnet/src/engine/engineFile.ts';
import { OPERATION } from '../../devnet/src/engine/sorobanHost.ts';
import { type EngineCall, RecordingEngine, replay } from '../../devnet/src/golden/engineCalls.ts';
import { NativeEngine } from '../../devnet/src/golden/nativeEngine.ts';
import { decodeTransaction } from '../../devnet/src/ledger/transactionFrame.ts';
import { engineModule } from '../../devnet/src/platform/node/engineModule.ts';
import { type Figure, median, type Progress } from '../figure.ts';
import { root } from '../processes.ts';
import { openNetwork, passkeyTransfers } from './network.ts';

const WARM_UP = 300;
const RUNS = 500;

export async function engineRatio(progress: Progress): Promise<Figure[]> {
  progress(`devnet: ${RUNS} applications of a passkey transfer by the engine alone`);
  const call = await recordedTransfer();
  const engine = new Engine(await engineModule(DEFAULT_PROTOCOL_VERSION));
  const times: number[] = [];
  for (let run = 0; run < WARM_UP + RUNS; run++) {
    const start = performance.now();
    replay(engine, call);
    if (run >= WARM_UP) times.push(performance.now() - start);
  }
  const wasmMs = median(times);
  const figures: Figure[] = [{ key: 'engine.passkeyTransferMs', value: wasmMs }];
  const folder = process.env.LATCHKEY_NATIVE_ENGINE ?? builtNativeEngine(progress);
  if (folder === null) return figures;
  const native = new NativeEngine(join(folder, `replay-p${DEFAULT_PROTOCOL_VERSION}`));
  const { medianNanoseconds } = await native.replay(call, RUNS);
  native.close();
  const nativeMs = medianNanoseconds / 1_000_000;
  return [
    ...figures,
    { key: 'nativeEngine.passkeyTransferMs', value: nativeMs },
    { key: 'wasmOverNative.passkeyTransfer', value: wasmMs / nativeMs },
  ];
}

/** @returns the folder of the release build; null without Rust */
function builtNativeEngine(progress: Progress): string | null {
  if (spawnSync('cargo', ['--version']).status !== 0) {
    progress('devnet: no cargo, so no ratio to the native engine (Rust comes from https://rustup.rs)');
    return null;
  }
  progress('devnet: building the native engine');
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const target = join(cache, 'latchkey/target/devnet-host-native');
  const { status } = spawnSync('cargo', ['build', '--release', '--locked', '--bins'], {
    cwd: join(root, 'devnet/host'),
    env: { ...process.env, CARGO_TARGET_DIR: target },
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error('the native engine could not be built');
  return join(target, 'release');
}

async function recordedTransfer(): Promise<EngineCall> {
  let isRecording = false;
  const module = await engineModule(DEFAULT_PROTOCOL_VERSION);
  const engine = new RecordingEngine(module, (operation) =>
    isRecording && operation === OPERATION.applyInvoke ? 'passkey transfer' : null,
  );
  const measured = await openNetwork(engine);
  const [envelope] = await passkeyTransfers(measured, 1);
  isRecording = true;
  const { network } = measured;
  network.submit(decodeTransaction(envelope!, network.ledger.networkId));
  const [call] = engine.calls;
  if (!call || !network.latest.transactions[0]?.isSuccess) throw new Error('the transfer was not applied');
  return call;
}
