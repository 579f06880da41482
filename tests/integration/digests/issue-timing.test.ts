import { afterAll, beforeAll, expect, test } from 'vitest';
import { runDigestNow } from '../../../src/digests/index.ts';
import { updateNewsletter } from '../../../src/newsletters/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { parseSendWindow } from '../../../src/shared/send-window.ts';
import { openDigests } from './digest-setup.ts';
import type { DigestSetup } from './digest-setup.ts';

let setup: DigestSetup;
beforeAll(async () => {
  setup = await openDigests();
});
afterAll(() => setup.close());

test('an issue leaves by the clock and in the hours of its newsletter at the time it is made', async () => {
  const { id } = await setup.newNewsletter();
  await setup.publish(id, 'insights', 'first');
  const newsletter = await updateNewsletter(
    setup,
    id,
    { localTime: true, sendWindow: parseSendWindow('7:00-21:30') ?? null },
    CLI_ACTOR,
  );
  expect(newsletter).toMatchObject({ localTime: true, sendWindow: '07:00-21:30' });
  const outcome = await runDigestNow(setup, newsletter, CLI_ACTOR);
  await updateNewsletter(setup, id, { localTime: false, sendWindow: null }, CLI_ACTOR);
  const campaigns = await setup.db.selectFrom('campaigns').select(['local_time', 'send_window', 'local_at']).execute();
  expect(outcome.kind).toBe('published');
  expect(campaigns).toEqual([{ local_time: true, send_window: '07:00-21:30', local_at: null }]);
});
