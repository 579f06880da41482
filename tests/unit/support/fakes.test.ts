import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createSeededRandom } from '../../support/seeded-random.ts';
import { waitFor } from '../../support/wait-for.ts';

describe('createFakeClock', () => {
  it('moves both clocks when time passes, and only the wall clock when it is set', () => {
    const clock = createFakeClock('2026-10-25T00:59:00Z');

    clock.advance(60_000);
    clock.set(new Date(clock.now().getTime() - 3_600_000));

    expect(clock.now()).toEqual(new Date('2026-10-25T00:00:00Z'));
    expect(clock.monotonicMs()).toBe(60_000);
  });
});

describe('createSeededRandom', () => {
  it('gives the same bytes for the same seed, however they are asked for', () => {
    const [one, same, other] = ['a', 'a', 'b'].map(createSeededRandom);

    const whole = one?.bytes(100);
    const parts = Buffer.concat([same?.bytes(1) ?? Buffer.alloc(0), same?.bytes(99) ?? Buffer.alloc(0)]);

    expect(parts).toEqual(whole);
    expect(other?.bytes(100)).not.toEqual(whole);
  });
});

describe('waitFor', () => {
  it('returns the first value that is there', async () => {
    let probes = 0;

    expect(await waitFor('the third probe', () => (++probes === 3 ? 'here' : undefined))).toBe('here');
  });

  it('says what it waited for, and why the last probe failed', async () => {
    const waiting = waitFor('a miracle', () => Promise.reject(new Error('not today')), 30);

    await expect(waiting).rejects.toMatchObject({
      message: 'waited 30 ms for a miracle',
      cause: { message: 'not today' },
    });
  });
});
