import { describe, expect, it } from 'vitest';
import { createSignupMeter } from '../../../src/signup-guard/signup-meter.ts';
import type { SignupMeter } from '../../../src/signup-guard/signup-meter.ts';

const START = new Date('2026-11-23T07:00:00Z').getTime();
const at = (seconds: number): Date => new Date(START + seconds * 1000);

function meterWithBursts(): { readonly meter: SignupMeter; readonly bursts: number[] } {
  const bursts: number[] = [];
  return { meter: createSignupMeter('0'.repeat(32), (perMinute) => bursts.push(perMinute)), bursts };
}

function countMany(meter: SignupMeter, count: number, seconds: number): void {
  for (let index = 0; index < count; index += 1) {
    meter.count(at(seconds));
  }
}

describe('the meter of sign-ups', () => {
  it('looks back a minute, across the change of the minute', () => {
    const { meter } = meterWithBursts();
    countMany(meter, 60, 30);

    expect([59, 60, 90, 119, 120].map((seconds) => Math.round(meter.lastMinute(at(seconds))))).toEqual([
      60, 60, 30, 1, 0,
    ]);
  });

  it('calls it a burst above 600 a minute where less is usual, once, and for ten minutes after', () => {
    const { meter, bursts } = meterWithBursts();
    countMany(meter, 600, 10);
    expect([meter.isBurst(at(10)), bursts]).toEqual([false, []]);

    countMany(meter, 50, 11);

    expect(bursts).toEqual([601]);
    expect([meter.isBurst(at(600)), meter.isBurst(at(611))]).toEqual([true, false]);
  });

  it('lets a large newsletter have its usual traffic, and tenfold it is a burst', () => {
    const { meter, bursts } = meterWithBursts();
    // 100 a minute for three days.
    for (let minute = 0; minute < 3 * 1440; minute += 1) {
      countMany(meter, 100, minute * 60);
    }
    const later = 3 * 86_400;
    expect(meter.own(at(later)).usual).toBeGreaterThan(90);
    countMany(meter, 800, later);
    expect(bursts).toEqual([]);

    countMany(meter, 600, later);

    expect(bursts).toHaveLength(1);
  });

  it('does not take a long burst for the usual', () => {
    const { meter } = meterWithBursts();
    for (let minute = 0; minute < 120; minute += 1) {
      countMany(meter, 1000, minute * 60);
    }

    expect(meter.own(at(7200)).usual).toBeLessThan(60);
    expect(meter.isBurst(at(7200))).toBe(true);
  });

  it('counts what other processes saw, and forgets them when they fall silent', () => {
    const { meter, bursts } = meterWithBursts();
    meter.learn({ lastMinute: 595, usual: 3, burstUntil: null, readAt: at(0) });
    countMany(meter, 10, 1);
    expect(bursts).toEqual([601]);

    const { meter: alone } = meterWithBursts();
    alone.learn({ lastMinute: 5000, usual: 3, burstUntil: at(30), readAt: at(0) });
    expect([alone.isBurst(at(29)), alone.isBurst(at(31))]).toEqual([true, false]);
    expect(alone.lastMinute(at(61))).toBe(0);
  });
});
