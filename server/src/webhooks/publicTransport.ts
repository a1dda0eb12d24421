// Deliveries to endpoints that strangers chose: over https to addresses of the public internet only. Whoever may name a URL
// that this machine requests could otherwise reach what stands beside it: databases, other services, a cloud's metadata.
// The address that a name has is judged when the connection is made, and that very address is connected to, so a name
// that changes its mind in between gains nothing. What a public receiver does with the message is not known here.
import { type LookupAddress, type LookupAllOptions, lookup } from 'node:dns';
import { request } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import {
  answerOf,
  noAnswer,
  WEBHOOK_TIMEOUT_MS,
  type WebhookAnswer,
  type WebhookTransport,
} from './delivery.ts';

/** Everything that IANA's registries of special-purpose addresses say is not globally reachable. */
const NOT_PUBLIC_V4: [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
/** Within global unicast: protocol assignments with Teredo, documentation, and 6to4, which carries an IPv4 address. */
const NOT_PUBLIC_V6: [string, number][] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const refused = new BlockList();
for (const [net, prefix] of NOT_PUBLIC_V4) refused.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of NOT_PUBLIC_V6) refused.addSubnet(net, prefix, 'ipv6');
const globalUnicast = new BlockList();
globalUnicast.addSubnet('2000::', 3, 'ipv6');

/** @param address IPv4 or IPv6, without brackets */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !refused.check(address, 'ipv4');
  return family === 6 && globalUnicast.check(address, 'ipv6') && !refused.check(address, 'ipv6');
}

/** Why no message may go there, as far as the URL alone tells; null when it may. */
export function refusalOfUrl(text: string): string | null {
  const { protocol, hostname, username, password } = new URL(text);
  if (protocol !== 'https:') return 'has to be https.';
  if (username !== '' || password !== '') return 'must not carry a user or a password.';
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const isNamedHere = !host.includes('.') || /\.(localhost|local|internal)$/i.test(host);
  if (isIP(host) === 0 ? isNamedHere : !isPublicAddress(host)) return 'has to be a public address.';
  return null;
}

class NotPublic extends Error {
  override readonly name = 'NotPublic';
  constructor() {
    super('the address is not a public one');
  }
}

type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

function publicOnly(resolve: Resolve): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const first = addresses[0];
      // One private address among public ones is a trick, not a mistake.
      if (!first || !addresses.every(({ address }) => isPublicAddress(address))) {
        return callback(new NotPublic(), '', 0);
      }
      if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

/** @param resolve how names become addresses; the machine's way by default */
export function createPublicTransport(resolve: Resolve = lookup): WebhookTransport {
  const lookupPublic = publicOnly(resolve);
  return (url, headers, body) =>
    new Promise<WebhookAnswer>((answer) => {
      if (refusalOfUrl(url) !== null) return answer(noAnswer(new NotPublic()));
      const bytes = Buffer.from(body);
      const sending = request(url, {
        method: 'POST',
        headers: { ...headers, 'content-length': String(bytes.length) },
        lookup: lookupPublic,
        signal: AbortSignal.timeout(WEBHOOK_TIMEOUT_MS),
      });
      sending.on('response', (response) => {
        answer(answerOf(response.statusCode ?? 0));
        response.destroy();
      });
      sending.on('error', (error) => answer(noAnswer(error)));
      sending.end(bytes);
    });
}
