import { describe, expect, it } from 'vitest';
import { fitsReplay, replayConsent } from '../../../src/consent/replay-consent.ts';
import type { NewsletterId, SignupRequestId } from '../../../src/shared/ids.ts';

const WEEKLY = 1 as NewsletterId;
const DAILY = 2 as NewsletterId;

/** `requested 7`: with the id of its request. */
function replay(...actions: readonly string[]): string | undefined {
  const records = actions.map((text) => {
    const [action = '', id] = text.split(' ');
    const signupRequestId = id === undefined ? null : (Number(id) as SignupRequestId);
    return { action, purpose: 'newsletter', newsletterId: WEEKLY, signupRequestId };
  });
  return replayConsent(records).get(WEEKLY);
}

describe('replayConsent', () => {
  it.each([
    [[], undefined],
    [['requested 7'], 'asked'],
    [['requested 7', 'confirmation_sent 7'], 'asked'],
    [['requested 7', 'confirmation_sent 7', 'granted 7'], 'active'],
    [['requested 7', 'granted 7', 'requested 8'], 'active'],
    [['requested 7', 'expired 7'], 'ended'],
    [['requested 7', 'requested 8', 'expired 8'], 'ended'],
    [['requested 7', 'requested 8', 'withdrawn 8'], 'asked'],
    [['requested', 'granted'], 'active'],
    [['requested', 'withdrawn'], 'ended'],
    [['requested 7', 'granted 7', 'withdrawn'], 'ended'],
    [['requested 7', 'granted 7', 'requested 8', 'withdrawn'], 'asked'],
    [['requested 7', 'granted 7', 'withdrawn', 'requested 8', 'expired 8'], 'ended'],
    [['requested 7', 'granted 7', 'withdrawn', 'renewed'], 'active'],
    [['requested 7', 'granted 7', 'changed'], 'active'],
    [['requested 7', 'granted 7', 'withdrawn', 'erased'], 'ended'],
  ])('of %j is %s', (actions, status) => {
    expect(replay(...actions)).toBe(status);
  });

  it('keeps newsletters apart, and tracking out', () => {
    const statuses = replayConsent([
      { action: 'granted', purpose: 'newsletter', newsletterId: WEEKLY, signupRequestId: null },
      { action: 'requested', purpose: 'newsletter', newsletterId: DAILY, signupRequestId: null },
      { action: 'withdrawn', purpose: 'tracking', newsletterId: WEEKLY, signupRequestId: null },
      { action: 'erased', purpose: 'newsletter', newsletterId: null, signupRequestId: null },
    ]);

    expect([...statuses]).toEqual([
      [WEEKLY, 'active'],
      [DAILY, 'asked'],
    ]);
  });
});

describe('fitsReplay', () => {
  it.each([
    ['active', ['active']],
    ['asked', ['pending', 'unsubscribed', undefined]],
    ['ended', ['unsubscribed', undefined]],
    [undefined, [undefined]],
  ] as const)('lets records that say %s stand beside nothing else than %j', (replayed, fitting) => {
    const all = ['pending', 'active', 'unsubscribed', undefined];

    expect(all.filter((status) => fitsReplay(replayed, status))).toEqual(
      all.filter((one) => fitting.includes(one as never)),
    );
  });
});
