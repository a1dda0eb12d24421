// Writes a self-signed X.509 certificate (RFC 5280) for a server: ECDSA on P-256, version 3, subject alternative names,
// server authentication only, no certificate authority. Signing and keys are node:crypto's; this is the DER around them.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OBJECT_ID = 0x06;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const SEQUENCE = 0x30;
const SET = 0x31;
const VERSION_TAG = 0xa0;
const EXTENSIONS_TAG = 0xa3;
const DNS_NAME_TAG = 0x82;
const IP_ADDRESS_TAG = 0x87;

const TRUE = der(0x01, Buffer.from([0xff]));
const ECDSA_WITH_SHA256 = objectId('2a8648ce3d040302');
const COMMON_NAME = objectId('550403');
const SUBJECT_KEY_ID = objectId('551d0e');
const KEY_USAGE = objectId('551d0f');
const SUBJECT_ALT_NAME = objectId('551d11');
const BASIC_CONSTRAINTS = objectId('551d13');
const EXTENDED_KEY_USAGE = objectId('551d25');
const SERVER_AUTH = objectId('2b06010505070301');
/** Bit 0, with seven unused bits. */
const DIGITAL_SIGNATURE = der(BIT_STRING, Buffer.from([7, 0x80]));

/** @param names DNS names and IP addresses */
export function selfSigned(names: readonly string[], from: Date, until: Date): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keyInfo = publicKey.export({ type: 'spki', format: 'der' });
  const name = sequence(der(SET, sequence(COMMON_NAME, der(UTF8_STRING, Buffer.from('latchkey-devnet')))));
  const toSign = sequence(
    der(VERSION_TAG, der(INTEGER, Buffer.from([2]))),
    der(INTEGER, serialNumber()),
    sequence(ECDSA_WITH_SHA256),
    name,
    sequence(time(from), time(until)),
    name,
    keyInfo,
    der(EXTENSIONS_TAG, sequence(...extensions(names, keyInfo))),
  );
  const signature = sign('sha256', toSign, privateKey);
  const certificate = sequence(
    toSign,
    sequence(ECDSA_WITH_SHA256),
    der(BIT_STRING, Buffer.from([0]), signature),
  );
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }), cert: pem(certificate) };
}

function extensions(names: readonly string[], keyInfo: Buffer): Buffer[] {
  const keyId = createHash('sha256').update(keyInfo).digest().subarray(0, 20);
  return [
    extension(BASIC_CONSTRAINTS, sequence(), true),
    extension(KEY_USAGE, DIGITAL_SIGNATURE, true),
    extension(EXTENDED_KEY_USAGE, sequence(SERVER_AUTH)),
    extension(SUBJECT_ALT_NAME, sequence(...names.map(generalName))),
    extension(SUBJECT_KEY_ID, der(OCTET_STRING, keyId)),
  ];
}

function extension(id: Buffer, value: Buffer, isCritical = false): Buffer {
  return sequence(id, ...(isCritical ? [TRUE] : []), der(OCTET_STRING, value));
}

function generalName(name: string): Buffer {
  if (/^\d+(\.\d+){3}$/.test(name)) return der(IP_ADDRESS_TAG, Buffer.from(name.split('.').map(Number)));
  return name.includes(':') ? der(IP_ADDRESS_TAG, ipv6(name)) : der(DNS_NAME_TAG, Buffer.from(name));
}

function ipv6(address: string): Buffer {
  const [head = '', tail] = address.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const last = groups(tail ?? '');
  const zeros = tail === undefined ? 0 : 8 - groups(head).length - last.length;
  const all = [...groups(head), ...Array<string>(zeros).fill('0'), ...last];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

/** Positive, not zero, and nobody else's. */
function serialNumber(): Buffer {
  const serial = randomBytes(16);
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  return serial;
}

/** Until 2049; from then on certificates have another form of time. */
function time(date: Date): Buffer {
  return der(
    UTC_TIME,
    Buffer.from(
      date
        .toISOString()
        .slice(2)
        .replace(/[-:T]|\.\d+/g, ''),
    ),
  );
}

function objectId(hex: string): Buffer {
  return der(OBJECT_ID, Buffer.from(hex, 'hex'));
}

function sequence(...content: readonly Buffer[]): Buffer {
  return der(SEQUENCE, ...content);
}

function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const length =
    body.length < 0x80
      ? [body.length]
      : body.length < 0x100
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

function pem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
