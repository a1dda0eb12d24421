// The certificate of the HTTPS listener: self-signed, for this machine's own names, made once and kept until it is about
// to end. The key never leaves its file, which only its owner may read. It is no certificate authority: whoever trusts
// it trusts nothing else by it.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir, platform } from 'node:os';
import { join } from 'node:path';
import { selfSigned } from './selfSigned.ts';

const LOCAL_NAMES = ['localhost', '127.0.0.1', '::1'];
/** What browsers accept of a certificate, and no more. */
const VALID_DAYS = 397;
const RENEW_BEFORE_DAYS = 30;
const DAY_MS = 86_400_000;
/** Listening everywhere gives a machine no name. */
const WILDCARDS = ['0.0.0.0', '::'];

export type Certificate = { readonly key: string; readonly cert: string; readonly certPath: string };

/** Where this user's programs keep what they can make again. */
export function certificateFolder(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  const cache =
    XDG_CACHE_HOME ||
    (platform() === 'darwin'
      ? join(homedir(), 'Library', 'Caches')
      : platform() === 'win32' && LOCALAPPDATA
        ? LOCALAPPDATA
        : join(homedir(), '.cache'));
  return join(cache, 'latchkey-devnet');
}

/** The kept certificate where it covers these hosts and lasts, else a new one. */
export function keptCertificate(folder: string, hosts: readonly string[], nowMs = Date.now()): Certificate {
  const keyPath = join(folder, 'key.pem');
  const certPath = join(folder, 'cert.pem');
  const names = [...new Set([...LOCAL_NAMES, ...hosts])].filter((name) => !WILDCARDS.includes(name));
  const kept = read(keyPath, certPath);
  if (kept && isGood(kept, names, nowMs)) return { ...kept, certPath };
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const made = selfSigned(names, new Date(nowMs - DAY_MS), new Date(nowMs + (VALID_DAYS - 1) * DAY_MS));
  write(keyPath, made.key, 0o600);
  write(certPath, made.cert, 0o644);
  return { ...made, certPath };
}

function read(keyPath: string, certPath: string): { key: string; cert: string } | null {
  if (!existsSync(keyPath) || !existsSync(certPath)) return null;
  return { key: readFileSync(keyPath, 'utf8'), cert: readFileSync(certPath, 'utf8') };
}

function isGood(
  { key, cert }: { key: string; cert: string },
  names: readonly string[],
  nowMs: number,
): boolean {
  try {
    const certificate = new X509Certificate(cert);
    const isCovered = names.every((name) =>
      /[:]|^[\d.]+$/.test(name) ? certificate.checkIP(name) : certificate.checkHost(name),
    );
    const lastsUntilMs = Date.parse(certificate.validTo) - RENEW_BEFORE_DAYS * DAY_MS;
    return isCovered && nowMs < lastsUntilMs && certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

/** Whole or not at all, and never readable by others meanwhile. */
function write(path: string, content: string, mode: number): void {
  const temporaryPath = `${path}.${process.pid}`;
  writeFileSync(temporaryPath, content, { mode });
  renameSync(temporaryPath, path);
}
