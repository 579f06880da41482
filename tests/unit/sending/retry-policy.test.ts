import { describe, expect, it } from 'vitest';
import { outcomeOfRefusal, retryAt } from '../../../src/sending/retry-policy.ts';
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
    expect(minutesUntil(retryAt(delivery(), NOW, random))).toBeGreaterThanOrEqual(30);
    expect(minutesUntil(retryAt(delivery({ kind: 'confirm' }), NOW, random))).toBeLessThan(2);
  });

  it('waits longer with each try and stays at the last step', () => {
    const waits = [1, 2, 3, 4, 5, 50].map((attempt) => minutesUntil(retryAt(delivery({ attempt }), NOW, random)));
    expect(waits.slice(0, 4)).toEqual(waits.slice(0, 4).sort((a, b) => a - b));
    expect(waits.at(-1)).toBeLessThanOrEqual(240 * 1.2);
  });
});

describe('retryAt after a broken connection', () => {
  it('comes back within a minute whatever the mail, since nobody has refused it', () => {
    expect(minutesUntil(retryAt(delivery(), NOW, random, false))).toBeLessThanOrEqual(1);
  });
});

describe('outcomeOfRefusal', () => {
  const reply = (code: number, enhancedCode?: string) => ({ code, enhancedCode, text: `${code}` });

  it('defers on a temporary refusal and rejects once the give-up time would be over', () => {
    expect(outcomeOfRefusal(delivery(), reply(451), NOW, random).state).toBe('deferred');
    const late = delivery({ giveUpAt: new Date(NOW.getTime() + 60_000) });
    expect(outcomeOfRefusal(late, reply(451), NOW, random)).toMatchObject({
      state: 'rejected',
      reason: 'expired',
      suppress: false,
    });
  });

  it('suppresses only an address that does not exist', () => {
    expect(outcomeOfRefusal(delivery(), reply(550, '5.1.1'), NOW, random)).toMatchObject({
      state: 'rejected',
      suppress: true,
    });
    expect(outcomeOfRefusal(delivery(), reply(550, '5.7.1'), NOW, random)).toMatchObject({
      state: 'rejected',
      suppress: false,
    });
  });

  it('never rejects a reader because our login was refused', () => {
    expect(outcomeOfRefusal(delivery(), reply(535), NOW, random).state).toBe('deferred');
  });
});
