// A small JSON-RPC client for any stellar-rpc: fetch, a timeout, typed results for the methods Latchkey calls.
// It returns what the server said; XDR stays base64 here and is decoded by the callers that need it.
import type { LedgerKey } from '@stellar/stellar-sdk/xdr';
import { LatchkeyError } from '../api/errors.ts';

const REQUEST_TIMEOUT_MS = 20_000;
/** A kept connection may have been closed by the node just when it is used again; reading again is harmless. */
const MAX_TRIES_TO_READ = 3;
const CLOSED_CONNECTION = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

function isClosedConnection(error: unknown): boolean {
  const code = error instanceof TypeError && (error.cause as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && CLOSED_CONNECTION.has(code);
}

export type RpcMethods = {
  getHealth: { params: undefined; result: { status: string; latestLedger: number; oldestLedger: number } };
  getNetwork: {
    params: undefined;
    result: { passphrase: string; protocolVersion: number; friendbotUrl?: string };
  };
  getLatestLedger: {
    params: undefined;
    result: { sequence: number; protocolVersion: number; closeTime: string };
  };
  getLedgers: {
    params: { startLedger: number; pagination?: { limit?: number } };
    result: { ledgers: { hash: string; sequence: number }[]; latestLedger: number; oldestLedger: number };
  };
  getFeeStats: {
    params: undefined;
    result: Record<'sorobanInclusionFee' | 'inclusionFee', { p50: string; p90: string; max: string }>;
  };
  getLedgerEntries: {
    params: { keys: string[] };
    result: {
      latestLedger: number;
      entries: { key: string; xdr: string; lastModifiedLedgerSeq: number; liveUntilLedgerSeq?: number }[];
    };
  };
  simulateTransaction: {
    params: { transaction: string; authMode?: string; useUpgradedAuth?: boolean };
    result: {
      latestLedger: number;
      error?: string;
      transactionData?: string;
      minResourceFee?: string;
      results?: { auth?: string[]; xdr: string }[];
    };
  };
  sendTransaction: {
    params: { transaction: string };
    result: {
      status: 'PENDING' | 'DUPLICATE' | 'TRY_AGAIN_LATER' | 'ERROR';
      hash: string;
      latestLedger: number;
      latestLedgerCloseTime: string;
      errorResultXdr?: string;
    };
  };
  getTransaction: {
    params: { hash: string };
    result: {
      status: 'SUCCESS' | 'FAILED' | 'NOT_FOUND';
      latestLedger: number;
      latestLedgerCloseTime: string;
      oldestLedger: number;
      oldestLedgerCloseTime: string;
      ledger?: number;
      createdAt?: string;
      envelopeXdr?: string;
      resultXdr?: string;
      resultMetaXdr?: string;
      diagnosticEventsXdr?: string[];
    };
  };
  getTransactions: {
    params: { startLedger?: number; pagination?: { cursor?: string; limit?: number } };
    result: {
      latestLedger: number;
      oldestLedger: number;
      cursor: string;
      transactions: { ledger: number; txHash: string }[];
    };
  };
  getEvents: {
    params: {
      startLedger?: number;
      endLedger?: number;
      filters: { type?: string; contractIds?: string[]; topics?: string[][] }[];
      pagination?: { cursor?: string; limit?: number };
    };
    result: {
      latestLedger: number;
      oldestLedger: number;
      cursor: string;
      events: {
        id: string;
        type: string;
        ledger: number;
        ledgerClosedAt: string;
        contractId: string;
        txHash: string;
        topic: string[];
        value: string;
      }[];
    };
  };
};

export type RpcMethod = keyof RpcMethods;

/** The node answered with a JSON-RPC error; `rpcCode` is the number from the JSON-RPC 2.0 error object. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly rpcCode: number;
  constructor(method: string, rpcCode: number, message: string) {
    super(`${method}: ${message}`);
    this.rpcCode = rpcCode;
  }
}

export type Rpc = {
  readonly url: string;
  /**
   * @throws LatchkeyError NETWORK_UNAVAILABLE when no usable answer came (whether it was carried out is unknown)
   * @throws RpcError when the node refused the request
   */
  call<M extends RpcMethod>(method: M, params?: RpcMethods[M]['params']): Promise<RpcMethods[M]['result']>;
};

export function createRpc(url: string, options: { fetch?: typeof fetch; timeoutMs?: number } = {}): Rpc {
  const doFetch = options.fetch ?? fetch;
  const timeoutMs = options.timeoutMs ?? REQUEST_TIMEOUT_MS;
  let nextId = 1;

  async function post(body: string, signal: AbortSignal): Promise<unknown> {
    const headers = { 'content-type': 'application/json' };
    const response = await doFetch(url, { method: 'POST', headers, body, signal });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return response.json();
  }

  return {
    url,
    async call(method, params) {
      const id = nextId++;
      const body = JSON.stringify({ jsonrpc: '2.0', id, method, ...(params ? { params } : {}) });
      const signal = AbortSignal.timeout(timeoutMs);
      // What is said of a transaction that may have come before means something else.
      const maxTries = method === 'sendTransaction' ? 1 : MAX_TRIES_TO_READ;
      for (let tries = 1; ; tries++) {
        let reply: { result?: unknown; error?: { code: number; message: string } };
        try {
          reply = (await post(body, signal)) as typeof reply;
        } catch (cause) {
          if (tries < maxTries && isClosedConnection(cause)) continue;
          throw new LatchkeyError('NETWORK_UNAVAILABLE', { cause, details: { method } });
        }
        if (reply.error) throw new RpcError(method, reply.error.code, reply.error.message);
        return reply.result as never;
      }
    },
  };
}

/** Whether the ledger holds an entry under this key, live or archived. */
export async function ledgerEntryExists(rpc: Rpc, key: LedgerKey): Promise<boolean> {
  return (await rpc.call('getLedgerEntries', { keys: [key.toXdr('base64')] })).entries.length > 0;
}
