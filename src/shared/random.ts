import { randomBytes } from 'node:crypto';

/** Randomness as a dependency, so that a seeded test can replay a run. */
export interface Random {
  bytes(count: number): Buffer;
}

export const systemRandom: Random = { bytes: (count) => randomBytes(count) };

/** An opaque secret of 256 bits for sessions, API tokens and admin links. Store only its hash. */
export function newSecret(random: Random): string {
  return random.bytes(32).toString('base64url');
}
