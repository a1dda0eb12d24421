import { describe, expect, it } from 'vitest';
import { createLookups } from './lookups.ts';

function lookups(answers: Response[]) {
  const asked: string[] = [];
  const fetchOnce = async (url: string | URL | Request) => {
    asked.push(String(url));
    return answers.shift() ?? new Response(null, { status: 500 });
  };
  return { asked, lookups: createLookups('https://wallet.example/', { fetch: fetchOnce as typeof fetch }) };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const page = (wallets: object[], cursor: string | null) => Response.json({ wallets, count: 1, cursor });

describe('a look-up', () => {
  it('goes through all pages, and asks for the next one with the cursor of the last', async () => {
    const { asked, lookups: of } = lookups([
      page([{ contract_id: 'C1' }], 'C1'),
      page([{ contract_id: 'C2' }], null),
    ]);
    const found = await all(of.byAddress('GABC'));
    expect(found.map((it) => it.contract_id)).toEqual(['C1', 'C2']);
    expect(asked).toEqual([
      'https://wallet.example/api/lookup/address/GABC',
      'https://wallet.example/api/lookup/address/GABC?cursor=C1',
    ]);
  });

  it('asks for no page that nobody wants', async () => {
    const { asked, lookups: of } = lookups([page([{ contract_id: 'C1' }], 'C1')]);
    for await (const _ of of.byAddress('GABC')) break;
    expect(asked).toHaveLength(1);
  });

  it('names a passkey by the id that WebAuthn gives it, and keys in hex', async () => {
    const { asked, lookups: of } = lookups([page([], null), page([], null)]);
    await all(of.byCredentialId('-_8A'));
    await all(of.byPublicKey(Uint8Array.of(4, 255)));
    expect(asked).toEqual([
      'https://wallet.example/api/lookup/fbff00',
      'https://wallet.example/api/lookup/public-key/04ff',
    ]);
  });

  it('of an unknown wallet is null, and of anything that fails an error', async () => {
    const unknown = Response.json({ code: 'WALLET_NOT_FOUND' }, { status: 404 });
    const busy = Response.json({ code: 'RATE_LIMITED' }, { status: 429 });
    const { lookups: of } = lookups([unknown, busy]);
    expect(await of.wallet('CABC')).toBeNull();
    await expect(of.wallet('CABC')).rejects.toThrow(expect.objectContaining({ code: 'RATE_LIMITED' }));
  });
});
