import { solveChallenge } from 'altcha-lib';
import { deriveKey as derivePbkdf2 } from 'altcha-lib/algorithms/web/pbkdf2';
import { deriveKey as deriveSha } from 'altcha-lib/algorithms/web/sha';
import type { Challenge } from 'altcha-lib/types';

/**
 * Solves a challenge of ours (ALTCHA) and returns what `altcha` of the sign-up takes. In the page's own thread, since a page's policy
 * rarely lets a worker in; the digests themselves run beside it.
 * @throws Error when it takes longer than a minute and a half.
 */
export async function solve(challenge: Challenge): Promise<string> {
  const deriveKey = challenge.parameters.algorithm.startsWith('PBKDF2') ? derivePbkdf2 : deriveSha;
  const solution = await solveChallenge({ challenge, deriveKey });
  if (solution === null) {
    throw new Error('no proof of work within the time');
  }
  const { parameters, signature } = challenge;
  return btoa(JSON.stringify({ challenge: { parameters, signature }, solution }));
}
