import type { Challenge } from 'altcha-lib';
import type { SignupSettings } from '../config/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Logger } from '../platform/logging/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { Keyring } from '../shared/keyring.ts';
import type { Random } from '../shared/random.ts';
import { createDomainCheck } from './mail-domain.ts';
import type { FindDomainProblem } from './mail-domain.ts';
import type { MailResolver } from './mail-resolver.ts';
import { issueChallenge, readProof } from './proof-of-work.ts';
import { clientUses, proofUse, trickleUse } from './signup-limits.ts';
import type { LimitKind, LimitUse } from './signup-limits.ts';
import { createSignupMeter } from './signup-meter.ts';
import type { SignupMeter } from './signup-meter.ts';
import { saveRate } from './signup-rates.repository.ts';

interface GuardDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly keyring: Keyring;
  readonly log: Logger;
  readonly settings: SignupSettings;
  readonly resolver: MailResolver;
}

export interface SignupAttempt {
  /** What limits count; null when the client is unknown: then the others have to do. */
  readonly ip: string | null;
  /** ALTCHA's payload, as it was sent. */
  readonly proof: string | undefined;
  /** A form may come from a browser without JavaScript, which cannot prove work: its mail waits instead. */
  readonly isForm: boolean;
}

export type Admission =
  /** `uses`: what the statement that stores the sign-up has to count, besides what it counts for the address. */
  | { readonly kind: 'admitted'; readonly uses: readonly LimitUse[] }
  | { readonly kind: 'limited'; readonly retryAfterSeconds: number }
  | { readonly kind: 'proof-required' };

/** What became of attempts, for the metrics. */
export const SIGNUP_OUTCOMES = ['recorded', 'limited', 'proof-required', 'trap', 'form-again'] as const;
export type SignupOutcome = (typeof SIGNUP_OUTCOMES)[number];

export interface SignupGuard {
  /** Whether a sign-up has to come with a proof of work now. */
  needsProof(): boolean;
  issueChallenge(): Promise<Challenge>;
  /** Decides what can be decided without the database. The state of the address plays no part in it (S23). */
  admit(attempt: SignupAttempt): Promise<Admission>;
  /** What the statement said: whoever is over a limit is refused without the database until then. Returns the wait. */
  refuse(refused: { readonly kind: LimitKind; readonly retryAt: Date }, uses: readonly LimitUse[]): number;
  readonly findDomainProblem: FindDomainProblem;
  readonly meter: Pick<SignupMeter, 'own' | 'learn'>;
  note(outcome: SignupOutcome): void;
  readStanding(): { readonly outcomes: Readonly<Record<SignupOutcome, number>>; readonly isBurst: boolean };
}

/** Addresses and networks remembered as over their limit: enough for a botnet of them, little enough for memory. */
const REMEMBERED = 20_000;
/** A process that refuses everything says so this often. */
const SAVE_EVERY_MS = 5000;

export function createSignupGuard(deps: GuardDeps): SignupGuard {
  const { clock, keyring, log, settings } = deps;
  const blockedUntilMs = new Map<string, number>();
  const outcomes = Object.fromEntries(SIGNUP_OUTCOMES.map((name) => [name, 0])) as Record<SignupOutcome, number>;
  let savedAtMs = 0;
  const meter = createSignupMeter(deps.random.bytes(16).toString('hex'), (perMinute) => {
    log.warn(
      { code: 'signup_burst', perMinute, proofOfWork: settings.proofOfWork },
      'far more sign-ups than usual; see the admin home',
    );
    saveSoon();
  });

  function saveSoon(): void {
    const now = clock.now();
    if (now.getTime() - savedAtMs >= SAVE_EVERY_MS) {
      savedAtMs = now.getTime();
      saveRate(deps.db, meter.own(now)).catch((error: unknown) => {
        log.warn({ err: error }, 'the rate of sign-ups could not be kept');
      });
    }
  }

  function needsProof(): boolean {
    return settings.proofOfWork === 'always' || (settings.proofOfWork === 'burst' && meter.isBurst(clock.now()));
  }

  function waitOf(uses: readonly LimitUse[], now: Date): number {
    const waits = uses.map(({ key }) => (blockedUntilMs.get(key) ?? 0) - now.getTime());
    if (meter.lastMinute(now) >= settings.limitPerMinute) {
      waits.push(60_000 - (now.getTime() % 60_000));
    }
    return Math.ceil(Math.max(0, ...waits) / 1000);
  }

  return {
    needsProof,
    issueChallenge: () => issueChallenge(deps),
    admit: async ({ ip, proof, isForm }) => {
      const now = clock.now();
      const uses = ip === null ? [] : clientUses(keyring, ip);
      const retryAfterSeconds = waitOf(uses, now);
      if (retryAfterSeconds > 0) {
        return { kind: 'limited', retryAfterSeconds };
      }
      meter.count(now);
      if (!needsProof()) {
        return { kind: 'admitted', uses };
      }
      const challengeId = await readProof(deps, proof);
      if (challengeId !== undefined) {
        return { kind: 'admitted', uses: [...uses, proofUse(keyring, challengeId)] };
      }
      if (isForm) {
        return { kind: 'admitted', uses: [...uses, trickleUse(keyring)] };
      }
      saveSoon();
      return { kind: 'proof-required' };
    },
    refuse: ({ kind, retryAt }, uses) => {
      for (const { key } of uses.filter((use) => use.kind === kind && kind !== 'proof')) {
        blockedUntilMs.delete(key);
        blockedUntilMs.set(key, retryAt.getTime());
      }
      const oldest = blockedUntilMs.keys().next();
      if (blockedUntilMs.size > REMEMBERED && oldest.done !== true) {
        blockedUntilMs.delete(oldest.value);
      }
      return Math.max(1, Math.ceil((retryAt.getTime() - clock.now().getTime()) / 1000));
    },
    findDomainProblem: createDomainCheck(deps),
    meter,
    note: (outcome) => {
      outcomes[outcome] += 1;
    },
    readStanding: () => ({ outcomes: { ...outcomes }, isBurst: meter.isBurst(clock.now()) }),
  };
}
