import { Asset, Keypair, nativeToScVal, Operation, scValToNative, xdr } from '@stellar/stellar-sdk';
import { describe, expect, it } from 'vitest';
import type { Devnet } from './index.ts';
import { smallContract } from './testing/smallContract.ts';
import {
  openTestNetwork,
  operationCodes,
  resultOf,
  START_SECONDS,
  type TestNetwork,
} from './testing/testNetwork.ts';

type Position = { latestLedger: number; latestLedgerCloseTime: string };
const call = <T = Position>(net: Devnet, method: string, params?: unknown) =>
  net.rpc(`devnet_${method}`, params) as Promise<T>;

const pay = (destination: string, amount = '1') =>
  Operation.payment({ destination, asset: Asset.native(), amount });

async function entryOf(net: Devnet, key: xdr.LedgerKey) {
  const { entries } = (await net.rpc('getLedgerEntries', { keys: [key.toXdr('base64')] })) as {
    entries: { xdr: string; liveUntilLedgerSeq?: number; lastModifiedLedgerSeq: number }[];
  };
  return entries[0];
}

const transfer = (net: Devnet, from: string, to: string) =>
  Operation.invokeContractFunction({
    contract: net.nativeTokenContractId,
    function: 'transfer',
    args: [
      xdr.ScVal.scvAddress(xdr.ScAddress.fromJson(from)),
      xdr.ScVal.scvAddress(xdr.ScAddress.fromJson(to)),
      nativeToScVal(5n, { type: 'i128' }),
    ],
  });

const accountKey = (keypair: Keypair) =>
  xdr.LedgerKey.account(new xdr.LedgerKeyAccount({ accountId: keypair.xdrAccountId() }));

function accountEntry(keypair: Keypair, balance: bigint): xdr.LedgerEntry {
  const account = new xdr.AccountEntry({
    accountId: keypair.xdrAccountId(),
    balance,
    seqNum: 7n,
    numSubEntries: 0,
    inflationDest: null,
    flags: 0,
    homeDomain: '',
    thresholds: new Uint8Array([1, 0, 0, 0]),
    signers: [],
    ext: xdr.AccountEntryExt.v0(),
  });
  return ledgerEntry(xdr.LedgerEntryData.account(account));
}

const ledgerEntry = (data: xdr.LedgerEntryData) =>
  new xdr.LedgerEntry({ lastModifiedLedgerSeq: 0, data, ext: xdr.LedgerEntryExt.v0() });

function contractData(net: Devnet, durability: xdr.ContractDataDurability, value = 1): xdr.LedgerEntry {
  return ledgerEntry(
    xdr.LedgerEntryData.contractData(
      new xdr.ContractDataEntry({
        ext: xdr.ExtensionPoint.v0(),
        contract: xdr.ScAddress.fromJson(net.nativeTokenContractId),
        key: xdr.ScVal.scvSymbol('planted'),
        durability,
        val: xdr.ScVal.scvU32(value),
      }),
    ),
  );
}

const dataKey = (entry: xdr.LedgerEntry) =>
  xdr.LedgerKey.contractData(
    new xdr.LedgerKeyContractData(
      (entry.data as Extract<xdr.LedgerEntryData, { type: 'contractData' }>).contractData,
    ),
  );

describe('setting an entry', () => {
  it('puts an account with a balance into the ledger, which then pays', async () => {
    const network = await openTestNetwork();
    const { net } = network;
    const rich = Keypair.random();
    const { sequence } = net.latestLedger();
    const entry = accountEntry(rich, 5_000_000_000n).toXdr('base64');
    expect(await call(net, 'setLedgerEntry', { entry })).toMatchObject({ latestLedger: sequence + 1 });
    expect((await entryOf(net, accountKey(rich)))!.lastModifiedLedgerSeq).toBe(sequence + 1);
    const other = await network.account();
    const transaction = await network.build(rich, [pay(other.publicKey())]);
    transaction.sign(rich);
    const { hash } = await network.submit(transaction);
    expect(await network.transaction(hash)).toMatchObject({ status: 'SUCCESS' });
  });

  it('gives contract data the lifetime that is asked for, that it had, or the minimum', async () => {
    const { net } = await openTestNetwork();
    const entry = contractData(net, xdr.ContractDataDurability.persistent);
    const key = dataKey(entry);
    await net.setLedgerEntry(entry.toXdr('base64'));
    const { sequence } = net.latestLedger();
    expect((await entryOf(net, key))!.liveUntilLedgerSeq).toBe(sequence + 120_960 - 1);
    await net.setLedgerEntry(entry.toXdr('base64'), sequence + 10);
    expect((await entryOf(net, key))!.liveUntilLedgerSeq).toBe(sequence + 10);
    const changed = contractData(net, xdr.ContractDataDurability.persistent, 2).toXdr('base64');
    await net.setLedgerEntry(changed);
    expect((await entryOf(net, key))!.liveUntilLedgerSeq).toBe(sequence + 10);
    await net.setLedgerEntry(changed, 1);
    expect((await entryOf(net, key))!.liveUntilLedgerSeq).toBe(0);
  });

  it('changes a network setting, and with it the rule', async () => {
    const network = await openTestNetwork();
    const { net } = network;
    const source = await network.account();
    const upload = Operation.uploadContractWasm({ wasm: Buffer.from(smallContract()) });
    const setting = xdr.ConfigSettingEntry.configSettingContractMaxSizeBytes(100);
    await net.setLedgerEntry(ledgerEntry(xdr.LedgerEntryData.configSetting(setting)).toXdr('base64'));
    expect(operationCodes(await network.invoke(source, upload))).toEqual(['invokeHostFunctionMalformed']);
    const id = xdr.ConfigSettingId.configSettingContractMaxSizeBytes;
    const key = xdr.LedgerKey.configSetting(new xdr.LedgerKeyConfigSetting({ configSettingId: id }));
    const stored = xdr.LedgerEntryData.fromXdr((await entryOf(net, key))!.xdr, 'base64');
    expect(stored.toJson()).toEqual({ config_setting: { contract_max_size_bytes: 100 } });
  });

  it('takes an entry away', async () => {
    const network = await openTestNetwork();
    const { net } = network;
    const account = await network.account();
    const key = accountKey(account);
    await net.removeLedgerEntry(key.toXdr('base64'));
    expect(await entryOf(net, key)).toBeUndefined();
    await expect(net.removeLedgerEntry(key.toXdr('base64'))).rejects.toThrow('there is no such entry');
  });

  it('refuses what no ledger could hold, and says why', async () => {
    const { net } = await openTestNetwork();
    const before = net.latestLedger();
    const refusal = async (entry: string, liveUntilLedger?: number) =>
      call(net, 'setLedgerEntry', {
        entry,
        ...(liveUntilLedger === undefined ? {} : { liveUntilLedger }),
      }).then(
        () => 'accepted',
        (error) => `${error.code} ${error.message}`,
      );
    const keyHash = new Uint8Array(32);
    const ttl = ledgerEntry(xdr.LedgerEntryData.ttl(new xdr.TtlEntry({ keyHash, liveUntilLedgerSeq: 9 })));
    const code = ledgerEntry(
      xdr.LedgerEntryData.contractCode(
        new xdr.ContractCodeEntry({
          ext: xdr.ContractCodeEntryExt.v0(),
          hash: keyHash,
          code: new Uint8Array([1]),
        }),
      ),
    );
    const temporary = contractData(net, xdr.ContractDataDurability.temporary);
    expect(await refusal('AAAA')).toBe('-32602 this is not the XDR of a ledger entry in base64');
    expect(await refusal(ttl.toXdr('base64'))).toMatch('-32602 a TTL entry is set by');
    expect(await refusal(code.toXdr('base64'))).toBe("-32602 the code's key is not the hash of the code");
    expect(await refusal(temporary.toXdr('base64'), 4_000_000_000)).toMatch('can live until ledger');
    expect(await refusal(temporary.toXdr('base64'), 1)).toMatch('remove it instead');
    expect(await refusal(accountEntry(Keypair.random(), 1n).toXdr('base64'), 9)).toMatch(
      'entries of type account have no live-until ledger',
    );
    await expect(net.rpc('devnet_setLedgerEntry')).rejects.toMatchObject({
      code: -32602,
      message: "missing parameter 'entry'",
    });
    const id = xdr.ConfigSettingId.configSettingContractMaxSizeBytes;
    const setting = xdr.LedgerKey.configSetting(new xdr.LedgerKeyConfigSetting({ configSettingId: id }));
    await expect(net.removeLedgerEntry(setting.toXdr('base64'))).rejects.toThrow('but not removed');
    expect(net.latestLedger()).toEqual(before);
  });

  it('switches to another set of limits', async () => {
    const { net } = await openTestNetwork();
    const id = xdr.ConfigSettingId.configSettingContractMaxSizeBytes;
    const key = xdr.LedgerKey.configSetting(new xdr.LedgerKeyConfigSetting({ configSettingId: id }));
    await call(net, 'setLimits', { limits: 'unlimited' });
    const stored = xdr.LedgerEntryData.fromXdr((await entryOf(net, key))!.xdr, 'base64');
    expect(stored.toJson()).toEqual({ config_setting: { contract_max_size_bytes: 1_000_000 } });
    await expect(call(net, 'setLimits', { limits: 'none' })).rejects.toThrow(
      "'limits' must be one of mainnet",
    );
  });
});

describe('mining', () => {
  async function pending(network: TestNetwork): Promise<string> {
    const [from, to] = [await network.account(), await network.account()];
    const transaction = await network.build(from, [pay(to.publicKey())]);
    transaction.sign(from);
    const { status, hash } = await network.submit(transaction);
    expect(status).toBe('PENDING');
    return hash;
  }
  const status = async (network: TestNetwork, hash: string) => (await network.transaction(hash)).status;

  it('waits for mine when it is manual', async () => {
    const network = await openTestNetwork();
    const hashes = [];
    await call(network.net, 'setMineMode', { mode: 'manual' });
    for (let count = 0; count < 3; count++) hashes.push(await pending(network));
    const { sequence } = network.net.latestLedger();
    expect(await status(network, hashes[0]!)).toBe('NOT_FOUND');
    expect(await call(network.net, 'mine', { ledgers: 2 })).toMatchObject({ latestLedger: sequence + 2 });
    for (const hash of hashes) {
      expect(await network.transaction(hash)).toMatchObject({ status: 'SUCCESS', ledger: sequence + 1 });
    }
  });

  it('waits for the clock when there is an interval', async () => {
    const clock = { seconds: START_SECONDS };
    const network = await openTestNetwork({ nowSeconds: () => clock.seconds });
    await call(network.net, 'setMineMode', { mode: 'interval', intervalSeconds: 7 });
    const hash = await pending(network);
    clock.seconds += 6;
    expect(await status(network, hash)).toBe('NOT_FOUND');
    clock.seconds += 1;
    expect(await status(network, hash)).toBe('SUCCESS');
  });

  it('closes what is pending when it becomes instant', async () => {
    const network = await openTestNetwork({ mineMode: 'manual' });
    const hash = await pending(network);
    network.net.setMineMode('instant');
    expect(await status(network, hash)).toBe('SUCCESS');
  });

  it('refuses modes and steps that mean nothing', async () => {
    const { net } = await openTestNetwork();
    await expect(call(net, 'setMineMode', { mode: 'never' })).rejects.toThrow(
      "'mode' must be one of instant",
    );
    await expect(call(net, 'setMineMode', {})).rejects.toThrow("missing parameter 'mode'");
    await expect(call(net, 'setMineMode', { mode: 'interval', intervalSeconds: 0 })).rejects.toThrow(
      'more than 0',
    );
    await expect(call(net, 'mine', { ledgers: -1 })).rejects.toThrow('whole number');
    await expect(call(net, 'warp', {})).rejects.toThrow("'ledgers' or 'seconds' is missing");
    await expect(call(net, 'warp', { seconds: 4e9 })).rejects.toMatchObject({ code: -32602 });
    await expect(call(net, 'revert', { snapshotId: 5 })).rejects.toMatchObject({ code: -32602 });
  });
});

describe('the close time of the next ledger', () => {
  it('is the one ordered, and time goes on from there', async () => {
    const clock = { seconds: START_SECONDS };
    const network = await openTestNetwork({ nowSeconds: () => clock.seconds });
    const { net } = network;
    await call(net, 'setNextCloseTime', { closeTime: START_SECONDS + 1_000 });
    clock.seconds += 60;
    expect(net.latestLedger()).toEqual({ sequence: 1, closeTimeSeconds: START_SECONDS });
    await network.account();
    expect(net.latestLedger()).toEqual({ sequence: 2, closeTimeSeconds: START_SECONDS + 1_000 });
    clock.seconds += 10;
    expect(net.latestLedger()).toEqual({ sequence: 4, closeTimeSeconds: START_SECONDS + 1_010 });
  });

  it('holds for a ledger that is mined, and for one that the clock closes', async () => {
    const clock = { seconds: START_SECONDS };
    const { net } = await openTestNetwork({ nowSeconds: () => clock.seconds, mineMode: 'interval' });
    net.setNextCloseTime(START_SECONDS + 50);
    net.mine();
    expect(net.latestLedger()).toEqual({ sequence: 2, closeTimeSeconds: START_SECONDS + 50 });
    net.setNextCloseTime(START_SECONDS + 500);
    clock.seconds += 5;
    expect(net.latestLedger()).toEqual({ sequence: 3, closeTimeSeconds: START_SECONDS + 500 });
  });

  it('cannot lie before the latest ledger', async () => {
    const { net } = await openTestNetwork();
    await expect(call(net, 'setNextCloseTime', { closeTime: START_SECONDS - 1 })).rejects.toMatchObject({
      code: -32602,
    });
    await expect(call(net, 'setNextCloseTime')).rejects.toThrow("missing parameter 'closeTime'");
  });

  it('goes back with a snapshot', async () => {
    const { net } = await openTestNetwork();
    const { snapshotId } = await call<{ snapshotId: number }>(net, 'snapshot');
    net.warp({ seconds: 86_400 });
    await call(net, 'revert', { snapshotId });
    expect(net.latestLedger()).toEqual({ sequence: 1, closeTimeSeconds: START_SECONDS });
  });
});

describe('impersonation', () => {
  it('lets an account pay without its signature, and with any other', async () => {
    const network = await openTestNetwork();
    const { net } = network;
    const [whale, thief] = [await network.account(), await network.account()];
    const send = async (...signers: Keypair[]) => {
      const transaction = await network.build(whale, [pay(thief.publicKey())]);
      if (signers.length > 0) transaction.sign(...signers);
      return network.submit(transaction);
    };
    expect(resultOf(await send()).result.type).toBe('txBadAuth');
    await call(net, 'impersonate', { address: whale.publicKey() });
    expect((await send()).status).toBe('PENDING');
    expect((await send(thief)).status).toBe('PENDING');
    await call(net, 'stopImpersonating', { address: whale.publicKey() });
    expect(resultOf(await send()).result.type).toBe('txBadAuth');
  });

  it('covers the source of an operation and the payer of a fee bump, and nobody else', async () => {
    const network = await openTestNetwork();
    const [whale, thief, bystander] = [
      await network.account(),
      await network.account(),
      await network.account(),
    ];
    network.net.impersonate(whale.publicKey());
    const from = (source: Keypair) =>
      Operation.payment({
        source: source.publicKey(),
        destination: thief.publicKey(),
        asset: Asset.native(),
        amount: '1',
      });
    const both = await network.build(thief, [from(whale), from(bystander)], { fee: '1000' });
    both.sign(thief);
    expect((await network.submit(both)).status).toBe('ERROR');
    const one = await network.build(thief, [from(whale)]);
    one.sign(thief);
    expect((await network.submit(one)).status).toBe('PENDING');
  });

  it('gives contract calls the authorization of an account and of a contract', async () => {
    const network = await openTestNetwork();
    const { net } = network;
    const [whale, thief] = [await network.account(), await network.account()];
    const contract = await network.deploy(whale, smallContract());
    await net.fund(contract);
    for (const address of [whale.publicKey(), contract]) {
      const steal = () => network.invoke(thief, transfer(net, address, thief.publicKey()));
      expect((await steal()).result.status).toBe('FAILED');
      net.impersonate(address);
      const { result } = await steal();
      expect(result.status).toBe('SUCCESS');
      net.stopImpersonating(address);
      expect((await steal()).result.status).toBe('FAILED');
    }
  });

  it('refuses what is no address, and to stop what did not begin', async () => {
    const { net } = await openTestNetwork();
    await expect(call(net, 'impersonate', { address: 'me' })).rejects.toMatchObject({ code: -32602 });
    await expect(call(net, 'impersonate')).rejects.toThrow("missing parameter 'address'");
    const address = Keypair.random().publicKey();
    await expect(call(net, 'stopImpersonating', { address })).rejects.toThrow('is not impersonated');
  });
});

describe('a trace', () => {
  it('shows the calls with what they were asked, demanded, emitted and spent', async () => {
    const network = await openTestNetwork();
    const { net } = network;
    const [from, to] = [await network.account(), await network.account()];
    const draft = await network.build(from, [transfer(net, from.publicKey(), to.publicKey())]);
    const before = net.latestLedger();
    const traced = await call<{
      root: { function: string; calls: { instructions: string; [field: string]: unknown }[] };
      instructions: string;
    }>(net, 'trace', { transaction: draft.toXDR(), xdrFormat: 'json' });
    expect(net.latestLedger()).toEqual(before);
    expect(traced).toMatchObject({ error: null, root: { kind: 'host_function', contract: null } });
    expect(traced.root.calls).toMatchObject([
      {
        kind: 'asset',
        contract: net.nativeTokenContractId,
        function: 'transfer',
        argsJson: [{ address: from.publicKey() }, { address: to.publicKey() }, { i128: '5' }],
        returnValueJson: 'void',
        error: null,
        authorizations: [{ address: from.publicKey(), isMet: true }],
        calls: [],
      },
    ]);
    expect(traced.root.calls[0]!.eventsJson).toHaveLength(1);
    expect(Number(traced.root.calls[0]!.instructions)).toBeGreaterThan(10_000);
    expect(Number(traced.root.calls[0]!.instructions)).toBeLessThan(Number(traced.instructions));
  });

  it('shows where a call failed', async () => {
    const network = await openTestNetwork();
    const source = await network.account();
    const contract = await network.deploy(source, smallContract());
    const missing = Operation.invokeContractFunction({ contract, function: 'missing', args: [] });
    const transaction = (await network.build(source, [missing])).toXDR();
    const traced = await call<{ error: string }>(network.net, 'trace', { transaction });
    expect(traced.error).toMatch(/^HostError: Error\(WasmVm, MissingValue\)/);
  });

  it('is refused for what cannot be traced', async () => {
    const network = await openTestNetwork();
    const source = await network.account();
    const transaction = (await network.build(source, [pay(source.publicKey())])).toXDR();
    await expect(call(network.net, 'trace', { transaction })).rejects.toThrow(
      'one invokeHostFunction operation',
    );
    await expect(call(network.net, 'trace', { transaction: 'AAAA' })).rejects.toThrow('invalid_xdr');
    await expect(call(network.net, 'trace')).rejects.toThrow("missing parameter 'transaction'");
    await expect(call(network.net, 'trace', { transaction, authMode: 'all' })).rejects.toMatchObject({
      code: -32602,
    });
  });
});

describe('a dump', () => {
  it('brings a network back in another process', async () => {
    const network = await openTestNetwork();
    const account = await network.account();
    const { hash } = await network.net.fund(network.net.nativeTokenContractId);
    const { state } = await call<{ state: string }>(network.net, 'dumpState');
    const other = await openTestNetwork();
    await call(other.net, 'loadState', { state });
    expect(await other.balance(account.publicKey())).toBe(100_000_000_000n);
    expect(await other.transaction(hash)).toEqual({
      ...(await network.transaction(hash)),
      latestLedger: expect.anything(),
    });
    await other.net.fund(Keypair.random().publicKey());
  });

  it('is refused whole when it is of another network, torn or no dump', async () => {
    const { net } = await openTestNetwork();
    const stranger = await openTestNetwork({ passphrase: 'another' });
    const before = net.dumpState();
    const refusal = (state: string) => expect(call(net, 'loadState', { state })).rejects;
    await refusal(stranger.net.dumpState()).toThrow('the dump is of "another", protocol 30');
    await refusal('{').toThrow('not JSON');
    await refusal('null').toThrow('not a dump');
    await refusal('{"format":"latchkey-devnet-dump","version":99}').toThrow('not a dump');
    await refusal(before.replace('"hash":"', '"hash":"!')).toThrow('a ledger of the dump cannot be read');
    await refusal(before.replace(/"ledgers":.*/, '"ledgers":[]}')).toThrow('not in order');
    expect(net.dumpState()).toBe(before);
  });
});

describe('known accounts and the test USDC', () => {
  it('are there from the start, the same every time, with keys that wallets derive from the phrase', async () => {
    const { net } = await openTestNetwork({
      accounts: 2,
      seedPhrase: 'illness spike retreat truth genius clock brain pass fit cave bargain toe',
    });
    // The first test vector of SEP-5.
    expect(net.accounts[0]).toEqual({
      publicKey: 'GDRXE2BQUC3AZNPVFSCEZ76NJ3WWL25FYFK6RGZGIEKWE4SOOHSUJUJ6',
      secretKey: 'SBGWSG6BTNCKCOB3DIFBGCVMUPQFYPA2G4O34RMTB343OYPXU5DJDVMN',
    });
    expect(net.accounts[1]!.publicKey).toBe('GBAW5XGWORWVFE2XTJYDTLDHXTY2Q2MO73HYCGB3XMFMQ562Q2W2GJQX');
    expect(await call(net, 'accounts')).toEqual({ accounts: net.accounts, usdc: null });
    const keypair = Keypair.fromSecret(net.accounts[1]!.secretKey);
    expect(keypair.publicKey()).toBe(net.accounts[1]!.publicKey);
  });

  it('hold 10,000 XLM and 10,000 USDC, which the contract knows too', async () => {
    const network = await openTestNetwork({ accounts: 25, usdc: true });
    const { net } = network;
    expect(net.accounts).toHaveLength(25);
    const { issuer, contractId } = net.usdc!;
    for (const { publicKey } of net.accounts) {
      expect(await network.balance(publicKey)).toBe(100_000_000_000n);
      const balance = Operation.invokeContractFunction({
        contract: contractId,
        function: 'balance',
        args: [xdr.ScVal.scvAddress(xdr.ScAddress.fromJson(publicKey))],
      });
      const source = Keypair.fromSecret(net.accounts[0]!.secretKey);
      const simulation = (await net.rpc('simulateTransaction', {
        transaction: (await network.build(source, [balance])).toXDR(),
      })) as { results: { xdr: string }[] };
      expect(scValToNative(xdr.ScVal.fromXdr(simulation.results[0]!.xdr, 'base64'))).toBe(100_000_000_000n);
    }
    expect(new Asset('USDC', issuer.publicKey).contractId(net.passphrase)).toBe(contractId);
    expect(Keypair.fromSecret(issuer.secretKey).publicKey()).toBe(issuer.publicKey);
  });

  it('have a faucet, which needs a line for accounts and none for contracts', async () => {
    const network = await openTestNetwork({ accounts: 1, usdc: true });
    const { net } = network;
    const [known] = net.accounts;
    const { hash } = await call<{ hash: string }>(net, 'fund', { address: known!.publicKey, asset: 'USDC' });
    expect(await network.transaction(hash)).toMatchObject({ status: 'SUCCESS' });
    await net.fund(net.nativeTokenContractId, 'USDC');
    const stranger = await network.account();
    await expect(net.fund(stranger.publicKey(), 'USDC')).rejects.toMatchObject({ code: 'NO_TRUST_LINE' });
    await expect(call(net, 'fund', { address: known!.publicKey, asset: 'EURC' })).rejects.toThrow(
      "'asset' must be one of XLM, USDC",
    );
    const plain = await openTestNetwork();
    await expect(plain.net.fund(known!.publicKey, 'USDC')).rejects.toMatchObject({ code: 'UNKNOWN_ASSET' });
  });

  it('are limited in number', async () => {
    await expect(openTestNetwork({ accounts: 101 })).rejects.toThrow('from 0 to 100');
  });
});
