// What the command line prints when the network is up: the known accounts, where things are, and how to use them.
import type { Devnet, DevnetServer } from '../index.ts';
import { VERSION } from '../version.ts';
import type { CommandLine } from './commandLine.ts';

export function banner(
  devnet: Devnet,
  server: DevnetServer,
  line: CommandLine,
  certificatePath: string | null,
  isResumed: boolean,
): string {
  const { sequence } = devnet.latestLedger();
  const rows = [
    ['rpc', server.rpcUrl],
    ['friendbot', `${server.friendbotUrl}?addr=`],
    ...(devnet.usdc ? [['', `${server.friendbotUrl}?asset=USDC&addr=`]] : []),
    ['passphrase', devnet.passphrase],
    [
      'protocol',
      `${devnet.protocolVersion}, ledger ${sequence}, limits ${limitsText(line, isResumed)}, ${miningText(line)}`,
    ],
    ['XLM', devnet.nativeTokenContractId],
    ...(devnet.usdc
      ? [
          ['USDC', devnet.usdc.contractId],
          ['', `USDC:${devnet.usdc.issuer.publicKey}`],
          ['', `issuer's key ${devnet.usdc.issuer.secretKey}`],
        ]
      : []),
    ['state', line.statePath ?? 'in memory (keep it with --state FILE)'],
    ...(certificatePath ? [['certificate', certificatePath]] : []),
  ];
  return [
    `latchkey-devnet ${VERSION}: a Stellar network in one process`,
    '',
    ...accountLines(devnet, line),
    ...rows.map(([name, value]) => `  ${name!.padEnd(11)} ${value}`),
    '',
    `  stellar network add devnet --rpc-url ${server.rpcUrl} --network-passphrase '${devnet.passphrase}'`,
    ...trustLines(certificatePath),
    '',
  ].join('\n');
}

function accountLines({ accounts, usdc }: Devnet, line: CommandLine): string[] {
  if (accounts.length === 0) return [];
  const holdings = usdc ? '10,000 XLM and 10,000 USDC' : '10,000 XLM';
  return [
    `Accounts with ${holdings} each. Everybody knows these keys: never use them where money is real.`,
    ...accounts.map(
      ({ publicKey, secretKey }, index) => `  ${String(index).padStart(2)}  ${publicKey}  ${secretKey}`,
    ),
    `  phrase      ${line.seedPhrase}`,
    `  derivation  m/44'/148'/index'`,
    '',
  ];
}

function limitsText({ forkUrl, limits }: CommandLine, isResumed: boolean): string {
  if (limits !== undefined) return limits;
  if (isResumed) return 'as before';
  return forkUrl ? `of ${new URL(forkUrl).host}` : 'mainnet';
}

function miningText({ mineMode, mineIntervalSeconds }: CommandLine): string {
  if (mineMode === 'interval') return `a ledger every ${mineIntervalSeconds} s`;
  return mineMode === 'instant' ? 'a ledger per transaction, at once' : 'ledgers close by devnet_mine';
}

function trustLines(certificatePath: string | null): string[] {
  if (!certificatePath) return [];
  return [
    '',
    '  The certificate was made here, so clients have to be told to trust it:',
    `    Node        NODE_EXTRA_CA_CERTS=${certificatePath}`,
    `    Python, Go  SSL_CERT_FILE=${certificatePath}`,
    `    curl        --cacert ${certificatePath}`,
    '    browsers    open the rpc address once and accept it, or import the file',
  ];
}
