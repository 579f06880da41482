import { expect, it } from 'vitest';
import type { RungJob } from '../../../../src/platform/queue/lane-bell.ts';
import { createLaneBell } from '../../../../src/platform/queue/lane-bell.ts';
import { waitFor } from '../../../support/wait-for.ts';

const sweep: RungJob = { name: 'sweep', payload: {} };
const feed = (feedId: number): RungJob => ({ name: 'poll-feed', payload: { feedId } });

/** A queue whose answers the test gives. */
function openBell(): {
  bell: ReturnType<typeof createLaneBell>;
  sent: (readonly RungJob[])[];
  answer: (error?: Error) => void;
  dropped: () => number;
} {
  const sent: (readonly RungJob[])[] = [];
  let pending: PromiseWithResolvers<void> | undefined;
  let dropped = 0;
  const bell = createLaneBell({
    send(jobs) {
      sent.push(jobs);
      pending = Promise.withResolvers<void>();
      return pending.promise;
    },
    onDropped: (count) => {
      dropped += count;
    },
  });
  const answer = (error?: Error): void => {
    if (error === undefined) {
      pending?.resolve();
    } else {
      pending?.reject(error);
    }
  };
  return { bell, sent, answer, dropped: () => dropped };
}

it('sends the first ring at once', () => {
  const { bell, sent } = openBell();
  bell.ring(sweep);
  expect(sent).toEqual([[sweep]]);
});

it('makes exactly one more of many rings that come during a send', async () => {
  const { bell, sent, answer } = openBell();
  bell.ring(sweep);
  for (let ring = 0; ring < 100; ring += 1) {
    bell.ring(sweep);
  }
  expect(sent).toHaveLength(1);
  answer();
  await waitFor('the second send', () => sent.length === 2);
  answer();
  await bell.close();
  expect(sent).toEqual([[sweep], [sweep]]);
});

it('keeps rings for different rows apart', async () => {
  const { bell, sent, answer } = openBell();
  for (const feedId of [1, 2, 3, 2, 1]) {
    bell.ring(feed(feedId));
  }
  answer();
  await waitFor('the second send', () => sent.length === 2);
  answer();
  await bell.close();
  expect(sent.flat()).toEqual([feed(1), feed(2), feed(3), feed(1)]);
});

it('counts what was dropped and goes on', async () => {
  const { bell, sent, answer, dropped } = openBell();
  bell.ring(sweep);
  answer(new Error('down'));
  await waitFor('the drop', () => dropped() === 1);
  bell.ring(feed(1));
  const closed = bell.close();
  await waitFor('the next try', () => sent.length === 2);
  answer();
  await closed;
  expect(sent.at(-1)).toEqual([feed(1)]);
  expect(dropped()).toBe(1);
});

it('sends what was rung before it closed, and nothing after', async () => {
  const { bell, sent, answer } = openBell();
  bell.ring(sweep);
  bell.ring(feed(1));
  const closed = bell.close();
  bell.ring(feed(2));
  answer();
  await waitFor('the last send', () => sent.length === 2);
  answer();
  await closed;
  expect(sent).toEqual([[sweep], [feed(1)]]);
});
