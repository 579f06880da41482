import { solveChallenge } from 'altcha-lib';
import type { Challenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';

/** What a browser sends as `altcha`, after some hundred derivations. */
export async function solve(challenge: Challenge): Promise<string> {
  const solution = await solveChallenge({ challenge, deriveKey });
  if (solution === null) {
    throw new Error('the challenge has no solution');
  }
  return Buffer.from(JSON.stringify({ challenge, solution })).toString('base64');
}
