// Reads the vectors beside it; ../vectors/README.md has the format. A line of another format is an error.
import { readFileSync } from 'node:fs';

export type PublishedVector = {
  /** The source's number of the test case. */
  id: number;
  isValid: boolean;
  comment: string;
  publicKey: Uint8Array;
  message: Uint8Array;
  context: Uint8Array;
  signature: Uint8Array;
};

/** @param name such as `acvp-ml-dsa-44` */
export function publishedVectors(name: string): PublishedVector[] {
  const file = readFileSync(new URL(`../vectors/${name}.tsv`, import.meta.url), 'utf8');
  const vectors: PublishedVector[] = [];
  for (const line of file.trimEnd().split('\n')) {
    const [id, verdict, comment, publicKey, message, context, signature, ...more] = line.split('\t');
    if (signature === undefined || more.length > 0 || !/^(accept|refuse)$/.test(verdict!)) {
      throw new Error(`${name}: line ${vectors.length + 1} is no vector`);
    }
    vectors.push({
      id: Number(id),
      isValid: verdict === 'accept',
      comment: comment!,
      publicKey: publicKey === '=' ? vectors.at(-1)!.publicKey : Buffer.from(publicKey!, 'base64'),
      message: Buffer.from(message!, 'base64'),
      context: Buffer.from(context!, 'base64'),
      signature: Buffer.from(signature, 'base64'),
    });
  }
  return vectors;
}
