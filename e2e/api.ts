// Calls to the server as a stranger would make them, with full control over every part: for stories in which somebody
// sends what our own client never would.
import type { Problem, TransferReceiptBody } from '@latchkey/sdk/api';
import type { Person, World } from './world.ts';

/** A success body or a problem, whichever came: `status` is the HTTP status. */
export type Answer<T = Record<string, unknown>> = {
  status: number;
  body: T & Partial<Omit<Problem, 'status'>>;
};

export async function call<T = Record<string, unknown>>(
  world: Pick<World, 'server'>,
  path: string,
  init: RequestInit & { json?: unknown } = {},
): Promise<Answer<T>> {
  const { json, ...rest } = init;
  const response = await fetch(world.server.url + path, {
    ...rest,
    ...(json === undefined
      ? {}
      : {
          method: 'POST',
          body: JSON.stringify(json),
          headers: { 'content-type': 'application/json', ...rest.headers },
        }),
  });
  return { status: response.status, body: (await response.json()) as Answer<T>['body'] };
}

export type TransferAsk = {
  fromWalletAddress: string;
  toWalletAddress: string;
  amount: string;
  token?: string;
};

export function transferOptions(world: Pick<World, 'server'>, ask: TransferAsk) {
  const query = new URLSearchParams(ask);
  return call<{ options_json: { challenge: string }; authorization: { authorizationEntryXdr: string } }>(
    world,
    `/api/transfer-options?${query}`,
  );
}

/** Asks for a transfer and signs it, without sending it yet. */
export async function signedTransfer(world: Pick<World, 'server'>, person: Person, ask: TransferAsk) {
  const options = await transferOptions(world, ask);
  if (options.status !== 200) throw new Error(`options: ${JSON.stringify(options.body)}`);
  const authenticationResponseJSON = await person.authenticator.authenticate(options.body.options_json);
  return { ...ask, authenticationResponseJSON };
}

export function postTransfer(world: Pick<World, 'server'>, body: unknown, idempotencyKey?: string) {
  const headers = idempotencyKey ? { 'idempotency-key': idempotencyKey } : {};
  return call<TransferReceiptBody>(world, '/api/transfer', { json: body, headers });
}
