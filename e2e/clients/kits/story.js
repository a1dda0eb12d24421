// What an application does with the two kits, told with nothing but their own classes: RPC_URL, LATCHKEY_URL and the other
// variables say where and with what. Prints one line per fact, "name: JSON"; kits.test.ts says what is right. A software
// authenticator sits in the place of the browser's; JavaScript, because the kits are not installed where types are checked.
import { createSoftwareAuthenticator } from '@latchkey/sdk/testing';
import { ChannelsClient } from '@openzeppelin/relayer-plugin-channels';
import { PasskeyServer } from 'passkey-kit';
import { IndexerClient, RelayerClient, SmartAccountKit } from 'smart-account-kit';

const { RPC_URL, LATCHKEY_URL, API_KEY, NETWORK_PASSPHRASE, FRIENDBOT_URL } = process.env;
const { ACCOUNT_WASM_HASH, VERIFIER, TOKEN, SHOP, OUR_WALLET, OUR_CREDENTIAL } = process.env;
const ours = JSON.parse(process.env.SIGNED ?? '{}');
const RELAY_URL = `${LATCHKEY_URL}/v1/relay`;

const report = (name, value) => console.log(`${name}: ${JSON.stringify(value)}`);

async function failure(act) {
  try {
    await act();
    return null;
  } catch (error) {
    return [error.constructor.name, error.errorDetails?.code ?? null, error.message.length > 0];
  }
}

// smart-account-kit: a wallet of its own, made and used through the relayer that its configuration names.
const authenticator = createSoftwareAuthenticator({ origin: 'http://localhost:5173', rpId: 'localhost' });
const kit = new SmartAccountKit({
  rpcUrl: RPC_URL,
  networkPassphrase: NETWORK_PASSPHRASE,
  accountWasmHash: ACCOUNT_WASM_HASH,
  webauthnVerifierAddress: VERIFIER,
  rpId: 'localhost',
  relayerUrl: RELAY_URL,
  indexerUrl: LATCHKEY_URL,
  webAuthn: {
    startRegistration: ({ optionsJSON }) => authenticator.register(optionsJSON),
    startAuthentication: ({ optionsJSON }) => authenticator.authenticate(optionsJSON),
  },
});
const made = await kit.createWallet('Shop', 'ana@example.org', { autoSubmit: true });
report('kitWallet', made.contractId);
report('kitDeployed', [made.submitResult?.success, made.submitResult?.error ?? null]);
report('kitDeployedHash', made.submitResult?.hash);

await fetch(`${FRIENDBOT_URL}?addr=${made.contractId}`);
const sent = await kit.transfer(TOKEN, SHOP, 12.5);
report('kitTransfer', [sent.success, sent.error ?? null]);
report('kitTransferHash', sent.hash);
const again = await kit.connectWallet({ credentialId: made.credentialId });
report('kitConnects', again.contractId);

// Its look-ups, at a wallet of ours.
const indexer = new IndexerClient({ baseUrl: LATCHKEY_URL });
report('isHealthy', await indexer.isHealthy());
const byCredential = await indexer.lookupByCredentialId(OUR_CREDENTIAL);
report('byCredential', [byCredential.credentialId, byCredential.count, byCredential.contracts]);
report('discovered', (await kit.discoverContractsByCredential(OUR_CREDENTIAL)).length);
const byAddress = await indexer.lookupByAddress(SHOP);
report('byAddress', [byAddress.signerAddress, byAddress.count, byAddress.contracts]);
report('details', await indexer.getContractDetails(OUR_WALLET));
report('noDetails', await indexer.getContractDetails(TOKEN));
const { stats } = await indexer.getStats();
report('stats', [
  stats.unique_contracts,
  stats.unique_credentials,
  stats.total_events > 0,
  stats.last_ledger > 0,
]);

// Its relayer client alone: a wallet of ours, and what it makes of a refusal.
const relayer = new RelayerClient(RELAY_URL);
const bare = await relayer.send(ours.bare.func, ours.bare.auth);
report('bareSend', [bare.success, bare.status, typeof bare.hash, typeof bare.transactionId]);
const bareXdr = await relayer.sendXdr(ours.bareXdr);
report('bareSendXdr', [bareXdr.success, bareXdr.status]);
const spent = await relayer.send(ours.bare.func, ours.bare.auth);
report('bareRefused', [spent.success, spent.errorCode]);
const late = await relayer.sendXdr(ours.lateXdr);
report('bareLate', [late.success, late.errorCode]);

// passkey-kit: its server class, which sends through the client of Channels with a bearer key.
const server = new PasskeyServer({ relayerUrl: RELAY_URL, relayerApiKey: API_KEY });
const managed = await server.send(ours.managedXdr);
report('managedXdr', [managed.status, typeof managed.hash, typeof managed.transactionId]);
const channels = new ChannelsClient({ baseUrl: RELAY_URL, apiKey: API_KEY });
const call = await channels.submitSorobanTransaction(ours.managed);
report('managedCall', [call.status, typeof call.hash]);
report('managedRefused', await failure(() => channels.submitSorobanTransaction(ours.managed)));
report('managedLate', await failure(() => server.send(ours.lateXdr)));
const stranger = new ChannelsClient({ baseUrl: RELAY_URL, apiKey: 'lk_of_nobody' });
report('managedStranger', await failure(() => stranger.submitTransaction({ xdr: ours.managedXdr })));
