import type { Clock } from '../shared/clock.ts';
import { deriveToken, readToken } from '../shared/keyring.ts';
import type { Keyring } from '../shared/keyring.ts';

interface TokenDeps {
  readonly keyring: Keyring;
  readonly clock: Clock;
}

/** A page that lay open overnight still counts. */
const FRESH_MS = 86_400_000;
/** People need longer to read a form and to write an address (R38); programs do not. */
const YOUNGEST_MS = 2000;

/** `none`: missing, forged, or of another page. */
export type FormTokenState = 'genuine' | 'young' | 'stale' | 'none';

/** Says that our own form was asked for, and when. Holds nothing about the reader and is not bound to them. */
export function issueFormToken({ keyring, clock }: TokenDeps): string {
  return deriveToken(keyring, 'form-token', Math.floor(clock.now().getTime() / 1000));
}

/** A token that is not `genuine` never refuses anybody: the form comes back, to be sent by one more click. */
export function readFormToken({ keyring, clock }: TokenDeps, token: string | undefined): FormTokenState {
  const issuedAtSeconds = token === undefined ? undefined : readToken(keyring, 'form-token', token);
  if (issuedAtSeconds === undefined) {
    return 'none';
  }
  const ageMs = clock.now().getTime() - issuedAtSeconds * 1000;
  if (ageMs < YOUNGEST_MS) {
    return 'young';
  }
  return ageMs < FRESH_MS ? 'genuine' : 'stale';
}
