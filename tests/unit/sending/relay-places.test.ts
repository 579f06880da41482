import { describe, expect, it } from 'vitest';
import { createRelayPlaces } from '../../../src/sending/relay-places.ts';
import type { SendingLane } from '../../../src/jobs/index.ts';

const RELAY = 'relay.example:587';

function openPlaces(most: number) {
  const time = { nowMs: 0 };
  const places = createRelayPlaces({ monotonicMs: () => time.nowMs });
  const takeAll = (lane: SendingLane): number => {
    let taken = 0;
    while (places.take(RELAY, lane, most)) {
      taken += 1;
    }
    return taken;
  };
  return { places, time, takeAll };
}

describe('the places at a relay', () => {
  it('are as many as the relay allows, for all lanes together', () => {
    const { takeAll } = openPlaces(10);

    expect(takeAll('campaigns') + takeAll('digests') + takeAll('transactional')).toBeLessThanOrEqual(10);
  });

  it('keep some for confirmations, whatever bulk takes', () => {
    const { takeAll } = openPlaces(20);

    expect(takeAll('campaigns')).toBe(16);
    expect(takeAll('transactional')).toBe(4);
  });

  it('are shared by the two bulk lanes when both want them', () => {
    const { places, takeAll } = openPlaces(20);
    takeAll('campaigns');
    expect(places.shouldYield(RELAY, 'campaigns', 20)).toBe(false);

    expect(takeAll('digests')).toBe(0);

    let left = 16;
    for (; places.shouldYield(RELAY, 'campaigns', 20); left -= 1) {
      places.free(RELAY, 'campaigns');
    }
    expect(left).toBe(8);
    expect(takeAll('campaigns')).toBe(0);
    expect(takeAll('digests')).toBe(8);
  });

  it('go to a confirmation first where there is only one', () => {
    const { places, takeAll } = openPlaces(1);
    expect(takeAll('campaigns')).toBe(1);
    expect(takeAll('transactional')).toBe(0);

    expect(places.shouldYield(RELAY, 'campaigns', 1)).toBe(true);
    places.free(RELAY, 'campaigns');

    expect(takeAll('campaigns')).toBe(0);
    expect(takeAll('transactional')).toBe(1);
  });

  it('are not kept for a lane that has stopped asking', () => {
    const { places, time, takeAll } = openPlaces(8);
    takeAll('campaigns');
    takeAll('digests');
    expect(places.shouldYield(RELAY, 'campaigns', 8)).toBe(true);

    time.nowMs += 3000;

    expect(places.shouldYield(RELAY, 'campaigns', 8)).toBe(false);
  });
});
