import { createChallenge, randomInt, verifySolution } from 'altcha-lib';
import type { Challenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import { z } from 'zod';
import type { Clock } from '../shared/clock.ts';
import { challengeSecrets } from '../shared/keyring.ts';
import type { Keyring } from '../shared/keyring.ts';

interface ProofDeps {
  readonly keyring: Keyring;
  readonly clock: Clock;
}

const VALID_MS = 20 * 60_000;
/**
 * ALTCHA's own algorithm for browsers (Web Crypto). The answer is drawn here, so that checking it costs one HMAC and asking for a
 * challenge one derivation (a millisecond), while finding it costs hundreds: a second on a phone, and one for each address.
 */
const ALGORITHM = 'PBKDF2/SHA-256';
const COST = 5000;
const COUNTER = { least: 200, most: 600 } as const;

const hex = z.string().regex(/^[0-9a-f]+$/);
/** What a solver sends: base64 of this as JSON. Unknown parameters would be signed ones of somebody else's. */
const payloadSchema = z.object({
  challenge: z.object({
    parameters: z.strictObject({
      algorithm: z.literal(ALGORITHM),
      cost: z.literal(COST),
      keyLength: z.number().int().positive().max(64),
      keyPrefix: hex,
      keySignature: hex,
      nonce: hex,
      salt: hex,
      expiresAt: z.number().positive(),
    }),
    signature: hex,
  }),
  solution: z.object({ counter: z.number().int().nonnegative(), derivedKey: hex, time: z.number().optional() }),
});

/** A challenge as ALTCHA's widgets take it, signed; nothing is stored. */
export async function issueChallenge({ keyring, clock }: ProofDeps): Promise<Challenge> {
  const [secret = ''] = challengeSecrets(keyring);
  return createChallenge({
    algorithm: ALGORITHM,
    cost: COST,
    counter: randomInt(COUNTER.most, COUNTER.least),
    deriveKey,
    expiresAt: new Date(clock.now().getTime() + VALID_MS),
    hmacSignatureSecret: secret,
    hmacKeySignatureSecret: `${secret}/key`,
  });
}

/** The id of the challenge that was solved, under which it is used up; undefined for anything else. Never throws. */
export async function readProof({ keyring, clock }: ProofDeps, proof: string | undefined): Promise<string | undefined> {
  const payload = proof === undefined ? undefined : decodePayload(proof);
  if (payload === undefined || payload.challenge.parameters.expiresAt * 1000 <= clock.now().getTime()) {
    return undefined;
  }
  const { challenge, solution } = payload;
  for (const secret of challengeSecrets(keyring)) {
    const { verified } = await verifySolution({
      challenge,
      solution: { ...solution, time: solution.time ?? 0 },
      deriveKey,
      hmacSignatureSecret: secret,
      hmacKeySignatureSecret: `${secret}/key`,
    });
    if (verified) {
      return challenge.parameters.nonce;
    }
  }
  return undefined;
}

function decodePayload(proof: string): z.infer<typeof payloadSchema> | undefined {
  try {
    const parsed = payloadSchema.safeParse(JSON.parse(Buffer.from(proof, 'base64').toString('utf8')));
    return parsed.data;
  } catch {
    return undefined;
  }
}
