import { Keypair } from '@stellar/stellar-sdk';
import * as xdr from '@stellar/stellar-sdk/xdr';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../sha256.ts';
import { addressOf, contractCall, openHostNetwork, transferCall } from '../testing/hostNetwork.ts';
import { smallContract } from '../testing/smallContract.ts';
import { stubbornAccount } from '../testing/stubbornAccount.ts';
import { PROTOCOL_VERSIONS } from './engineFile.ts';
import { sharedEngine } from './sharedEngine.ts';
import { SorobanHost } from './sorobanHost.ts';

const SOME_ADDRESS = addressOf('CA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUWDA');

describe.each(PROTOCOL_VERSIONS)('the host of protocol %i', (protocol) => {
  it('opens a network, deploys a contract and runs it', async () => {
    const net = await openHostNetwork(protocol);
    expect(net.network.ledger.protocolVersion).toBe(protocol);
    const contract = net.deploy(smallContract());
    expect(net.apply(contractCall(contract, 'keep'))).toMatchObject({ kind: 'success' });
  });

  it('gives a cost parameter for each cost type that it knows', async () => {
    const host = new SorobanHost(await sharedEngine(protocol), () => null);
    const { cpu, memory } = host.costParams();
    const counted = xdr.decodeArray(xdr.ContractCostParamEntry, cpu).length;
    expect(counted).toBeGreaterThan(80);
    expect(xdr.decodeArray(xdr.ContractCostParamEntry, memory)).toHaveLength(counted);
  });

  it('runs no contract that is made for a later protocol', async () => {
    const net = await openHostNetwork(protocol);
    expect(() => net.deploy(smallContract(protocol + 1))).toThrow('protocol');
    expect(net.deploy(smallContract(protocol))).toBeDefined();
  });

  it('refuses a ledger of another protocol, and says so', async () => {
    const net = await openHostNetwork(protocol);
    const other = PROTOCOL_VERSIONS.find((version) => version !== protocol)!;
    const ledger = { ...net.network.hostLedger(), protocolVersion: other };
    expect(() => net.host.simulateExtend(ledger, 100, [])).toThrow(
      `the ledger is at protocol ${other}, but this engine implements protocol ${protocol}`,
    );
  });

  it('moves the same amount for the same instructions on every network', async () => {
    const spent = [];
    for (let networks = 0; networks < 2; networks += 1) {
      const net = await openHostNetwork(protocol);
      const from = addressOf(net.source.publicKey());
      const outcome = net.apply(transferCall(net, from, SOME_ADDRESS, 5n));
      spent.push(outcome.kind === 'success' ? outcome.instructions : outcome);
    }
    expect(spent[0]).toBeTypeOf('bigint');
    expect(spent[1]).toBe(spent[0]);
  });
});

describe('networks that share an engine', () => {
  it('keep to their own limits', async () => {
    const fees = [];
    for (const limits of ['mainnet', 'testnet', 'mainnet'] as const) {
      const { host } = await openHostNetwork(30, undefined, limits);
      fees.push(host.resourceFee({ ...NOTHING, transactionBytes: 1_024, instructions: 1_000_000 }));
    }
    expect(fees[0]).not.toEqual(fees[1]);
    expect(fees[2]).toEqual(fees[0]);
  });

  it('are told apart by what their settings say, once a change is announced', async () => {
    const net = await openHostNetwork();
    let feeFactor = 1n;
    const host = new SorobanHost(await sharedEngine(30), (key) => {
      const found = net.lookUp(key);
      const HISTORICAL_DATA = 3;
      if (!found || key[7] !== HISTORICAL_DATA) return found;
      const entry = xdr.LedgerEntry.fromXdr(found.xdr);
      const setting = xdr.ConfigSettingEntry.configSettingContractHistoricalDataV0(
        new xdr.ConfigSettingContractHistoricalDataV0({ feeHistorical1Kb: 1_000n * feeFactor }),
      );
      const data = xdr.LedgerEntryData.configSetting(setting);
      return { ...found, xdr: new xdr.LedgerEntry({ ...entry, data }).toXdr() };
    });
    const fee = () => host.resourceFee({ ...NOTHING, transactionBytes: 724 }).nonRefundableStroops;
    const before = fee();
    feeFactor = 2n;
    expect(fee()).toBe(before);
    host.settingsChanged();
    expect(fee()).toBe(before + 1_000n);
  });
});

const NOTHING = {
  instructions: 0,
  diskReadEntries: 0,
  writeEntries: 0,
  diskReadBytes: 0,
  writeBytes: 0,
  eventBytes: 0,
};

describe('impersonating', () => {
  it('lets an account pass without its key, and leaves its signers as they are', async () => {
    const net = await openHostNetwork();
    const owner = Keypair.random();
    net.fund(owner.publicKey());
    const address = addressOf(owner.publicKey());
    const transfer = transferCall(net, address, SOME_ADDRESS, 7n);
    expect(net.apply(transfer)).toMatchObject({ kind: 'failed' });
    const outcome = net.apply(transfer, { impersonated: address });
    if (outcome.kind !== 'success') throw new Error(JSON.stringify(outcome));
    const [account] = outcome.entries.flatMap(({ after }) => {
      const data = after && xdr.LedgerEntry.fromXdr(after).data;
      return data?.type === 'account' ? [data.account] : [];
    });
    expect(account!.balance).toBe(100_000_000_000n - 7n);
    expect(account!.signers).toEqual([]);
  });

  it.each(PROTOCOL_VERSIONS)(
    'lets a contract pass without its __check_auth on protocol %i',
    async (protocol) => {
      const net = await openHostNetwork(protocol);
      const address = net.deploy(stubbornAccount());
      net.fund(String(address.toJson()));
      const transfer = transferCall(net, address, SOME_ADDRESS, 7n);
      expect(net.apply(transfer)).toMatchObject({ kind: 'failed' });
      expect(net.apply(transfer, { impersonated: address })).toMatchObject({ kind: 'success' });
      expect(net.apply(transfer)).toMatchObject({ kind: 'failed' });
    },
  );

  it('lets a contract pass that has no __check_auth at all', async () => {
    const net = await openHostNetwork();
    const address = net.deploy(smallContract());
    net.fund(String(address.toJson()));
    const transfer = transferCall(net, address, SOME_ADDRESS, 7n);
    expect(net.apply(transfer)).toMatchObject({ kind: 'failed' });
    expect(net.apply(transfer, { impersonated: address })).toMatchObject({ kind: 'success' });
  });

  it("still runs the contract's own functions, such as those that ask its own permission", async () => {
    const net = await openHostNetwork();
    const address = net.deploy(stubbornAccount());
    const touch = contractCall(address, 'touch');
    expect(net.apply(touch)).toMatchObject({ kind: 'failed' });
    expect(net.apply(touch, { impersonated: address })).toMatchObject({ kind: 'success' });
  });

  it('lets no other contract with the same code pass', async () => {
    const net = await openHostNetwork();
    const [one, other] = [net.deploy(stubbornAccount(), 1), net.deploy(stubbornAccount(), 2)];
    net.fund(String(other.toJson()));
    const transfer = transferCall(net, other, SOME_ADDRESS, 7n);
    const { auth } = net.record(transfer);
    const pass = xdr.ScVal.scvSymbol('pass');
    for (const signature of [xdr.ScVal.scvVoid(), pass]) {
      const signed = auth.map((entry) => withSignature(entry, signature));
      expect(net.apply(transfer, { auth: signed, impersonated: one })).toMatchObject({ kind: 'failed' });
    }
  });

  it('passes in an enforcing simulation, which gives back the entries it was given', async () => {
    const net = await openHostNetwork();
    const address = net.deploy(stubbornAccount());
    net.fund(String(address.toJson()));
    const transfer = transferCall(net, address, SOME_ADDRESS, 7n);
    const { auth } = net.record(transfer);
    expect(() => net.record(transfer, { auth }, 'enforce')).toThrow('HostError');
    const enforced = net.record(transfer, { auth, impersonated: address }, 'enforce');
    expect(enforced.auth).toEqual(auth);
  });

  it('cannot take the place of a contract that does not exist, or of the asset contract', async () => {
    const net = await openHostNetwork();
    const from = addressOf(net.source.publicKey());
    const transfer = transferCall(net, from, SOME_ADDRESS, 7n);
    expect(() => net.apply(transfer, { impersonated: SOME_ADDRESS })).toThrow('does not exist');
  });
});

function withSignature(entry: xdr.SorobanAuthorizationEntry, signature: xdr.ScVal) {
  const { credentials } = entry;
  if (credentials.type !== 'sorobanCredentialsAddress') return entry;
  const address = new xdr.SorobanAddressCredentials({ ...credentials.address, signature });
  return new xdr.SorobanAuthorizationEntry({
    ...entry,
    credentials: xdr.SorobanCredentials.sorobanCredentialsAddress(address),
  });
}

describe('sizes', () => {
  it('counts an account by its XDR and code by its compiled form too', async () => {
    const net = await openHostNetwork();
    const wasm = smallContract();
    net.deploy(wasm);
    const code = new xdr.LedgerKeyContractCode({ hash: sha256(wasm) });
    const stored = net.lookUp(xdr.LedgerKey.contractCode(code).toXdr())!;
    expect(net.host.entryRentSize(stored.xdr)).toBeGreaterThan(stored.xdr.length + 1_000);
  });
});
