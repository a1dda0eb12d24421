import { Keypair, Operation, xdr } from '@stellar/stellar-sdk';
import { describe, expect, it } from 'vitest';
import type { Devnet } from '../index.ts';
import { callPower, pay } from '../testing/powers.ts';
import { smallContract } from '../testing/smallContract.ts';
import { openTestNetwork } from '../testing/testNetwork.ts';

async function entryOf(net: Devnet, key: xdr.LedgerKey) {
  const { entries } = (await net.rpc('getLedgerEntries', { keys: [key.toXdr('base64')] })) as {
    entries: { xdr: string; liveUntilLedgerSeq?: number; lastModifiedLedgerSeq: number }[];
  };
  return entries[0];
}

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
    expect(await callPower(net, 'setLedgerEntry', { entry })).toMatchObject({ latestLedger: sequence + 1 });
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
    expect((await network.invoke(source, upload)).status).toBe('ERROR');
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
      callPower(net, 'setLedgerEntry', {
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
    await callPower(net, 'setLimits', { limits: 'unlimited' });
    const stored = xdr.LedgerEntryData.fromXdr((await entryOf(net, key))!.xdr, 'base64');
    expect(stored.toJson()).toEqual({ config_setting: { contract_max_size_bytes: 1_000_000 } });
    await expect(callPower(net, 'setLimits', { limits: 'none' })).rejects.toThrow(
      "'limits' must be one of mainnet",
    );
  });
});
