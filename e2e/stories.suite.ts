// The stories every network must carry: create, send, sign in, recover. Run by stories.test.ts on the embedded network
// and by separateNetwork.test.ts on one that runs as its own process.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, type Person, type World, type WorldOptions } from './world.ts';

export function stories(name: string, options: () => WorldOptions | Promise<WorldOptions>): void {
  describe(name, () => {
    let world: World;
    let ana: Person;
    beforeAll(async () => {
      world = await createWorld(await options());
      ana = world.person('Ana@Example.org ');
    });
    afterAll(() => world?.close());

    it('gives a person a funded wallet for an e-mail address and a passkey', async () => {
      const created = await ana.latchkey.createWallet({ email: ana.email });
      expect(created.walletAddress).toMatch(/^C[A-Z2-7]{55}$/);
      expect(created.transactionHash).toMatch(/^[0-9a-f]{64}$/);
      const view = await ana.latchkey.wallet();
      expect(view).toMatchObject({
        email: 'ana@example.org',
        walletAddress: created.walletAddress,
        pendingRotation: null,
      });
      expect(view.balances).toMatchObject([{ symbol: 'XLM', decimals: 7, amount: 100_000_000_000n }]);
    });

    it('sends exactly what was approved, and the service pays the fee', async () => {
      const to = await world.account();
      const from = ana.latchkey.session()!.walletAddress;
      const [hadFrom, hadTo] = [await world.balanceStroops(from), await world.balanceStroops(to)];
      const prepared = await ana.latchkey.prepareTransfer({ toWalletAddress: to, amount: '12.5' });
      expect(prepared.review).toMatchObject({
        function: 'transfer',
        from,
        to,
        amount: 125_000_000n,
        symbol: 'XLM',
      });
      const receipt = await prepared.approve();
      expect(receipt).toMatchObject({
        status: 'confirmed',
        transactionHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
      expect(await world.balanceStroops(from)).toBe(hadFrom - 125_000_000n);
      expect(await world.balanceStroops(to)).toBe(hadTo + 125_000_000n);
      expect(await ana.latchkey.transferStatus(receipt.id)).toEqual(receipt);
    });

    it('sends to another wallet, whose owner sees it arrive', async () => {
      const ben = world.person('ben@example.org');
      const { walletAddress } = await ben.latchkey.createWallet({ email: ben.email });
      const sent = await (
        await ana.latchkey.prepareTransfer({ toWalletAddress: walletAddress, amount: '1' })
      ).approve();
      expect(sent.status).toBe('confirmed');
      const { items } = await ben.latchkey.activity();
      expect(items.find((it) => it.transactionHash === sent.transactionHash)).toMatchObject({
        kind: 'received',
        amount: 10_000_000n,
        counterparty: ana.latchkey.session()!.walletAddress,
        status: 'confirmed',
      });
    });

    it('signs out, and in again with the passkey', async () => {
      const { walletAddress } = ana.latchkey.session()!;
      ana.latchkey.signOut();
      expect(ana.latchkey.session()).toBeNull();
      await expect(ana.latchkey.wallet()).rejects.toThrow(
        expect.objectContaining({ code: 'SESSION_EXPIRED' }),
      );
      const session = await ana.latchkey.signIn({ email: 'ana@example.org' });
      expect(session.walletAddress).toBe(walletAddress);
    });

    it('pages through the history, newest first', async () => {
      const all = await ana.latchkey.activity({ limit: 100 });
      expect(all.items.map((it) => it.kind)).toContain('created');
      expect(all.items.at(-1)?.kind).toBe('created');
      expect(all.items.map((it) => it.at)).toEqual(all.items.map((it) => it.at).toSorted((a, b) => b - a));
      const paged = [];
      let cursor: string | null = null;
      do {
        const page = await ana.latchkey.activity({ limit: 2, ...(cursor ? { cursor } : {}) });
        paged.push(...page.items);
        cursor = page.cursor;
      } while (cursor);
      expect(paged).toEqual(all.items);
    });

    it('recovers the same wallet with a new passkey, and the old one signs nothing any more', async () => {
      const { walletAddress } = ana.latchkey.session()!;
      const lost = ana.authenticator;
      const heir = world.person('ana@example.org');
      await heir.latchkey.requestRecoveryCode({ email: heir.email });
      const recovered = await heir.latchkey.recoverWallet({
        email: heir.email,
        code: world.recoveryCode('ana@example.org'),
      });
      expect(recovered).toMatchObject({ status: 'rotated', walletAddress });
      await expect.poll(() => world.mailTo('ana@example.org').subject).toContain('new passkey');

      const to = await world.account();
      const receipt = await (
        await heir.latchkey.prepareTransfer({ toWalletAddress: to, amount: '1' })
      ).approve();
      expect(receipt.status).toBe('confirmed');

      await expect(ana.latchkey.wallet()).rejects.toThrow(
        expect.objectContaining({ code: 'SESSION_EXPIRED' }),
      );
      heir.authenticator.credentials.splice(0, 1, ...lost.credentials);
      await expect(heir.latchkey.signIn({ email: heir.email })).rejects.toThrow(
        expect.objectContaining({ code: 'PASSKEY_CANCELLED' }),
      );
    });
  });
}
