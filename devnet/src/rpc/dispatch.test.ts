import { describe, expect, it } from 'vitest';
import { EngineError } from '../engine/engine.ts';
import type { Network } from '../network/network.ts';
import { dispatch } from './dispatch.ts';

/** A network on which every call ends with this error. */
const failing = (error: unknown) => ({ attempt: () => Promise.reject(error) }) as unknown as Network;

describe('a call', () => {
  it('of an unknown method is refused by name', async () => {
    await expect(dispatch(failing(null), 'getLedgerEntry', {})).rejects.toMatchObject({
      code: -32601,
      message: 'method not found',
      data: 'getLedgerEntry',
    });
  });

  it('on which the contract host trapped has a code of its own', async () => {
    const trap = new EngineError('ENGINE_TRAPPED', 'unreachable');
    await expect(dispatch(failing(trap), 'getHealth', {})).rejects.toMatchObject({
      code: -32003,
      message: 'unreachable',
    });
  });

  it('that meets a defect is answered as an internal error', async () => {
    for (const [defect, message] of [
      [new TypeError('x is undefined'), 'x is undefined'],
      ['thrown text', 'internal error'],
    ]) {
      await expect(dispatch(failing(defect), 'getHealth', {})).rejects.toMatchObject({
        code: -32603,
        message,
      });
    }
  });
});
