// An ed25519 seed as the text that wallets and tools take: StrKey (SEP-23), S… Encoding only.

const SEED_VERSION = 18 << 3;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export function secretKeyText(seed: Uint8Array): string {
  const payload = [SEED_VERSION, ...seed];
  const checksum = crc16(payload);
  const bytes = [...payload, checksum & 0xff, checksum >> 8];
  let text = '';
  let bits = 0;
  let buffered = 0;
  for (const byte of bytes) {
    bits = (bits << 8) | byte;
    buffered += 8;
    for (; buffered >= 5; buffered -= 5) text += BASE32[(bits >> (buffered - 5)) & 31];
    bits &= 31;
  }
  return text;
}

/** CRC-16/XMODEM. */
function crc16(bytes: readonly number[]): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
  }
  return crc;
}
