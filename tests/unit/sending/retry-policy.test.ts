import { describe, expect, it } from 'vitest';
import { deferLater, retryAt } from '../../../src/sending/retry-policy.ts';
import { createSeededRandom } from '../../support/seeded-random.ts';

const NOW = new Date('2026-11-23T07:00:00Z');
const random = createSeededRandom('retry-policy');

function delivery(overrides: { kind?: 'campaign' | 'confirm'; attempt?: number; giveUpAt?: Date } = {}) {
  return { kind: 'campaign' as const, attempt: 1, giveUpAt: new Date('2026-11-26T07:00:00Z'), ...overrides };
}

function minutesUntil(at: Date): number {
  return (at.getTime() - NOW.getTime()) / 60_000;
}

describe('retryAt', () => {
  it('keeps the half hour of RFC 5321 for bulk and comes back sooner for a confirmation', () => {
    expect(minutesUntil(retryAt(delivery(), NOW, random, 'backoff'))).toBeGreaterThanOrEqual(30);
    expect(minutesUntil(retryAt(delivery({ kind: 'confirm' }), NOW, random, 'backoff'))).toBeLessThan(2);
  });

  it('waits longer with each try and stays at the last step', () => {
    const waits = [1, 2, 3, 4, 5, 50].map((attempt) =>
      minutesUntil(retryAt(delivery({ attempt }), NOW, random, 'backoff')),
    );
    expect(waits.slice(0, 4)).toEqual(waits.slice(0, 4).toSorted((a, b) => a - b));
    expect(waits.at(-1)).toBeLessThanOrEqual(240 * 1.2);
  });

  it('comes back within a minute whatever the mail, when nobody has refused it', () => {
    expect(minutesUntil(retryAt(delivery(), NOW, random, 'soon'))).toBeLessThanOrEqual(1);
  });
});

describe('deferLater', () => {
  const reply = { code: 451, enhancedCode: undefined, text: '451 later' };

  it('backs off when somebody has refused the mail, and comes back soon when nobody has', () => {
    const refused = deferLater(delivery(), { reason: 'temporarily_refused', reply }, NOW, random);
    const broken = deferLater(delivery(), { reason: 'connection_lost', reply: undefined }, NOW, random);

    expect(refused.state === 'deferred' && minutesUntil(refused.retryAt)).toBeGreaterThanOrEqual(30);
    expect(broken.state === 'deferred' && minutesUntil(broken.retryAt)).toBeLessThanOrEqual(1);
  });

  it('gives up when the next try would be past the give-up time, and keeps what the server said', () => {
    const late = delivery({ giveUpAt: new Date(NOW.getTime() + 60_000) });

    expect(deferLater(late, { reason: 'temporarily_refused', reply }, NOW, random)).toEqual({
      state: 'rejected',
      reason: 'expired',
      reply,
    });
  });
});
