import { describe, expect, it } from 'vitest';
import { parseReply } from '../../../../src/platform/smtp/index.ts';
import { interpretResult } from '../../../../src/sending/replies/interpret-result.ts';
import type { Interpretation, TransactionEnd } from '../../../../src/sending/replies/interpret-result.ts';
import { createSeededRandom } from '../../../support/seeded-random.ts';

const NOW = new Date('2026-11-23T07:00:00Z');
const GIVE_UP = new Date('2026-11-26T07:00:00Z');

interface Setting {
  readonly attempt?: number;
  readonly giveUpAt?: Date;
  readonly wasReused?: boolean;
}

function interpret(
  end: TransactionEnd,
  { attempt = 1, giveUpAt = GIVE_UP, wasReused = false }: Setting = {},
): Interpretation {
  const random = createSeededRandom('interpret-result');
  return interpretResult(end, { delivery: { kind: 'campaign', attempt, giveUpAt }, now: NOW, random, wasReused });
}

type Stage = Extract<TransactionEnd, { kind: 'refused' }>['stage'];

function refused(line: string, stage: Stage): TransactionEnd {
  const reply = parseReply(line);
  return stage === 'message' ? { kind: 'refused', reply, stage } : { kind: 'refused', reply, stage };
}

/** In one word: what becomes of the delivery. `soon`: within a minute; `later`: after the half hour of bulk. */
function describeOutcome({ outcome }: Interpretation): string {
  if (typeof outcome === 'string') {
    return outcome;
  }
  if (outcome.state !== 'deferred') {
    return outcome.state;
  }
  return outcome.retryAt.getTime() - NOW.getTime() >= 30 * 60_000 ? 'later' : 'soon';
}

/** What follows from a reply: the delivery, who rests, whether the connection is over. */
const CONSEQUENCES: readonly (readonly [
  line: string,
  stage: Stage,
  outcome: string,
  pause: string,
  closes: boolean,
])[] = [
  ['450 4.2.1 busy', 'rcpt', 'later', 'nobody', false],
  ['451 4.3.0 trouble', 'message', 'later', 'nobody', false],
  ['451 hm', 'data', 'later', 'nobody', false],
  ['450 4.2.0 Greylisted', 'rcpt', 'later', 'nobody', false],
  ['421 4.3.2 shutting down', 'mail', 'untouched', 'relay', true],
  ['421 4.3.2 shutting down', 'rcpt', 'soon', 'relay', true],
  ['421 4.3.2 shutting down', 'message', 'soon', 'relay', true],
  ['421 4.7.28 unusual rate', 'mail', 'untouched', 'relay', true],
  ['421 4.7.28 unusual rate', 'rcpt', 'soon', 'domain', true],
  ['421 4.7.28 unusual rate', 'message', 'soon', 'domain', true],
  ['451 4.7.500 Server busy', 'rcpt', 'soon', 'domain', false],
  ['450 4.1.8 Domain not found', 'mail', 'untouched', 'relay', false],
  ['454 Throttling failure: Maximum sending rate exceeded.', 'message', 'soon', 'relay', false],
  ['452 4.5.3 Too many recipients', 'rcpt', 'soon', 'nobody', false],
  ['550 5.1.1 gone', 'rcpt', 'rejected', 'nobody', false],
  ['550 no such user', 'rcpt', 'rejected', 'nobody', false],
  ['552 5.2.2 full', 'rcpt', 'rejected', 'nobody', false],
  ['552 5.3.4 too big', 'mail', 'rejected', 'nobody', false],
  ['552 5.3.4 too big', 'message', 'rejected', 'nobody', false],
  ['550 5.7.515 Access denied', 'message', 'rejected', 'nobody', false],
  ['554 5.7.1 blocked', 'mail', 'later', 'relay', false],
  ['550 5.1.1 sender unknown', 'mail', 'later', 'relay', false],
  ['530 5.7.0 Authentication required', 'mail', 'untouched', 'relay', true],
  ['530 5.7.0 Authentication required', 'rcpt', 'untouched', 'relay', true],
  ['535 not accepted', 'message', 'soon', 'relay', true],
  ['503 5.5.1 bad sequence', 'mail', 'untouched', 'relay', true],
  ['501 5.5.4 strange', 'rcpt', 'later', 'relay', true],
  ['554 Transaction failed', 'message', 'rejected', 'nobody', false],
];

describe('interpretResult of a reply', () => {
  it.each(CONSEQUENCES)('"%s" to %s: the delivery is %s, %s rests', (line, stage, outcome, pause, closes) => {
    const interpretation = interpret(refused(line, stage));

    expect(describeOutcome(interpretation)).toBe(outcome);
    expect(interpretation.pause?.scope ?? 'nobody').toBe(pause);
    expect(interpretation.closes).toBe(closes);
  });

  it('keeps the reason and what the server said with the delivery', () => {
    const reply = parseReply('421-4.7.28 unusual rate\n421 4.7.28 of mail');

    expect(interpret({ kind: 'refused', reply, stage: 'rcpt' }).outcome).toMatchObject({
      state: 'deferred',
      reason: 'sender_throttled',
      reply,
    });
  });

  it('names a pause by codes, never by what the server said', () => {
    expect(interpret(refused('421 4.7.28 for x@example.net', 'rcpt')).pause?.reason).toBe(
      'sender_throttled 421 4.7.28',
    );
    expect(interpret(refused('454 Throttling failure: x@example.net', 'rcpt')).pause?.reason).toBe(
      'relay_throttled 454',
    );
  });

  it('rejects one strange address at the third protocol error, so that it does not stop everything for ever', () => {
    const end = refused('501 5.5.4 strange', 'rcpt');

    expect(describeOutcome(interpret(end, { attempt: 2 }))).toBe('later');
    expect(interpret(end, { attempt: 3 }).outcome).toMatchObject({ state: 'rejected', reason: 'protocol_error' });
  });

  it.each(['421 4.7.28 rate', '450 4.2.1 busy', '501 5.5.4 strange', '452 4.5.3 too many'])(
    'ends "%s" as expired when the give-up time is over',
    (line) => {
      const giveUpAt = new Date(NOW.getTime() + 10_000);

      expect(interpret(refused(line, 'rcpt'), { giveUpAt }).outcome).toMatchObject({
        state: 'rejected',
        reason: 'expired',
      });
    },
  );
});

describe('interpretResult of anything else', () => {
  const broken = (phase: 'connect' | 'envelope' | 'before-dot' | 'after-dot'): TransactionEnd =>
    phase === 'connect' || phase === 'envelope'
      ? { kind: 'broken', phase, error: new Error('gone') }
      : { kind: 'broken', phase, error: new Error('gone') };

  it('accepts what the server accepted', () => {
    const reply = parseReply('250 2.0.0 Ok: queued as 4C1');
    expect(interpret({ kind: 'accepted', reply })).toEqual({ outcome: { state: 'accepted', reply }, closes: false });
  });

  it.each([
    ['connect', 'untouched', 'relay'],
    ['envelope', 'soon', 'relay'],
    ['before-dot', 'soon', 'nobody'],
    ['after-dot', 'ambiguous', 'nobody'],
  ] as const)('takes a cut at %s for %s', (phase, outcome, pause) => {
    const interpretation = interpret(broken(phase));

    expect(describeOutcome(interpretation)).toBe(outcome);
    expect(interpretation.pause?.scope ?? 'nobody').toBe(pause);
    expect(interpretation.closes).toBe(true);
  });

  it('blames nobody when a server has closed a connection that carried mails', () => {
    for (const phase of ['connect', 'envelope'] as const) {
      expect(interpret(broken(phase), { wasReused: true })).toEqual({ outcome: 'untouched', closes: true });
    }
    expect(describeOutcome(interpret(broken('after-dot'), { wasReused: true }))).toBe('ambiguous');
  });

  it('rejects what this server cannot take, and tries again what the lease took back', () => {
    expect(interpret({ kind: 'unsendable', reason: 'needs_smtputf8' }).outcome).toEqual({
      state: 'rejected',
      reason: 'needs_smtputf8',
      reply: undefined,
    });
    expect(interpret({ kind: 'withheld', wasDotCommitted: true }).outcome).toMatchObject({ reason: 'lease_lost' });
    expect(interpret({ kind: 'withheld', wasDotCommitted: false }).outcome).toBe('turned-away');
  });
});
