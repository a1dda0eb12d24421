// The error of a JSON-RPC call, with the codes of JSON-RPC 2.0 and stellar-rpc.

export const RPC_ERROR = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  /** The batch took too long. */
  deadline: -32001,
  /** The contract host trapped. */
  panic: -32003,
} as const;

export class RpcError extends Error {
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.name = 'RpcError';
    this.code = code;
    this.data = data;
  }
}

export function invalidParams(message: string): RpcError {
  return new RpcError(RPC_ERROR.invalidParams, message);
}

export function invalidRequest(message: string): RpcError {
  return new RpcError(RPC_ERROR.invalidRequest, message);
}
