// What the server shares with its clients: error codes and the wire contract.
export * from './amount.ts';
export * from './canonicalJson.ts';
export * from './errors.ts';
export type * from './lookupSchema.ts';
export * as lookupSchema from './lookupSchema.ts';
export type * from './schema.ts';
export * as schema from './schema.ts';
export type * from './settlementSchema.ts';
export * as settlementSchema from './settlementSchema.ts';
export type * from './webhookSchema.ts';
export * as webhookSchema from './webhookSchema.ts';
