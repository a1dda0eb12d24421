import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { verificationKey, webhookHeaders, webhookKeyOf } from './standardWebhooks.ts';

const secret = Buffer.alloc(32, 7);
const message = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestampSeconds: 1_614_265_330,
  body: '{"test": 2432232314}',
};

describe('a webhook', () => {
  it('is signed as in the example of the specification', () => {
    const secret = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
    expect(webhookHeaders([{ scheme: 'hmac', secret }], message)).toEqual({
      'content-type': 'application/json',
      'webhook-id': message.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('with Ed25519 is verified by the public key that the receiver was given', () => {
    const key = webhookKeyOf('ed25519', secret);
    const headers = webhookHeaders([key], message);
    const [version, signature] = headers['webhook-signature']!.split(',');
    expect(version).toBe('v1a');
    const given = verificationKey(key);
    expect(given).toMatch(/^whpk_/);
    const publicKey = createPublicKey({
      key: Buffer.concat([
        Buffer.from('302a300506032b6570032100', 'hex'),
        Buffer.from(given.slice(5), 'base64'),
      ]),
      format: 'der',
      type: 'spki',
    });
    const signed = (id: string) => Buffer.from(`${id}.${message.timestampSeconds}.${message.body}`);
    const isSigned = (id: string) => verify(null, signed(id), publicKey, Buffer.from(signature!, 'base64'));
    expect(isSigned(message.id)).toBe(true);
    expect(isSigned('another')).toBe(false);
  });

  it('carries a signature for each key, so that a secret can be replaced without a pause', () => {
    const keys = [webhookKeyOf('hmac', secret), webhookKeyOf('hmac', Buffer.alloc(32, 8))];
    const one = (key: number) => webhookHeaders([keys[key]!], message)['webhook-signature'];
    expect(webhookHeaders(keys, message)['webhook-signature']).toBe(`${one(0)} ${one(1)}`);
  });

  it('is verified with what tells its scheme', () => {
    expect(verificationKey(webhookKeyOf('hmac', secret))).toBe(`whsec_${secret.toString('base64')}`);
    expect(verificationKey(webhookKeyOf('ed25519', secret))).toMatch(/^whpk_/);
  });
});
