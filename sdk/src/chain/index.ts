// The chain side of Latchkey, for the browser and Node alike: addresses, contract calls, authorization payloads,
// signatures in the contract's format, and a JSON-RPC client.
export * from './address.ts';
export * from './authorization.ts';
export * from './bytes.ts';
export * from './contractCall.ts';
export * from './contractErrors.ts';
export * from './eventPages.ts';
export * from './events.ts';
export * from './factoryContract.ts';
export * from './passkeySignature.ts';
export * from './policyParameters.ts';
export * from './recipient.ts';
export * from './recoveryContract.ts';
export * from './rpc.ts';
export * from './signer.ts';
export * from './simulate.ts';
export * from './tokenContract.ts';
export * from './tokenEvents.ts';
export * from './transaction.ts';
export * from './values.ts';
export * from './walletContract.ts';
export * from './walletSignature.ts';
