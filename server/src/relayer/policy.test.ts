import { factoryCalls, invokeContract, tokenCalls, walletCalls } from '@latchkey/sdk/chain';
import {
  ContractIdPreimage,
  ContractIdPreimageFromAddress,
  CreateContractArgs,
  HostFunction,
  SorobanAuthorizationEntry,
} from '@stellar/stellar-sdk/xdr';
import { describe, expect, it } from 'vitest';
import type { SubmissionKind } from '../db/schema.ts';
import { requireSponsorable, SponsorRefusal } from './policy.ts';

const sponsorAddress = 'GC2C7AWLS2FMFTQAHW3IBUB4ZXVP4E37XNLEF2IK7IVXBB6CMEPCSXFO';
const factoryId = 'CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC';
const wallet = 'CAAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQC526';
const own = { sponsorAddress, factoryId };
