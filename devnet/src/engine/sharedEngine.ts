// The engines of this process, one per protocol, each loaded when the first network asks for it and shared by all later
// ones. A file that could not be loaded is asked for again the next time.
import { engineModule } from '#platform/engineModule';
import { Engine } from './engine.ts';
import { isProtocolVersion, PROTOCOL_VERSIONS } from './engineFile.ts';

const engines = new Map<number, Promise<Engine>>();

/** @throws RangeError when there is no engine for the protocol */
export function sharedEngine(protocol: number): Promise<Engine> {
  if (!isProtocolVersion(protocol)) {
    throw new RangeError(`protocol ${protocol} has no engine here, only ${PROTOCOL_VERSIONS.join(' and ')}`);
  }
  const engine = engines.get(protocol) ?? engineModule(protocol).then((module) => new Engine(module));
  engines.set(protocol, engine);
  engine.catch(() => engines.delete(protocol));
  return engine;
}
