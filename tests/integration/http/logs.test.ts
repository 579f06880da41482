import { Writable } from 'node:stream';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { createLogger } from '../../../src/platform/logging/index.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { waitFor } from '../../support/wait-for.ts';
import {
  get,
  lastRequestOf,
  mailsPlannedTo,
  post,
  press,
  signUp,
  statusesOf,
  submitForm,
  tokenPath,
  waitForMailTo,
} from '../subscriptions/reader.ts';

const ADDRESS = 'private.person@secret-domain.example';

/** Takes a reader through everything that goes well and much that does not; gives what must not be in the log. */
async function live(system: TestSystem): Promise<readonly string[]> {
  const { deps } = system;
  // The relay's words may quote the address: they belong into the database, not into the log.
  system.sink.script((recipient, attempt) =>
    attempt === 1 ? { kind: 'refuse-recipient', code: 451, text: `4.2.1 try later, <${recipient}>` } : undefined,
  );
  await submitForm(system, { email: ADDRESS, name: 'Petronella', newsletters: 'the-weekly', terms: 'true' });
  await waitFor(
    'the first try',
    async () => (await mailsPlannedTo(deps, ADDRESS)).includes('confirm:deferred'),
    15_000,
  );
  await deps.db.updateTable('deliveries').set({ due_at: deps.clock.now() }).execute();
  await deps.db.updateTable('delivery_blocks').set({ due_at: deps.clock.now() }).execute();
  deps.doorbell.ring('send-transactional', {});
  const confirmation = await waitForMailTo(system, ADDRESS, /confirm/i);
  const request = await lastRequestOf(deps, ADDRESS);
  const confirm = confirmation.pathOf('confirm');
  await press(system, confirm);
  const unsubscribe = (await waitForMailTo(system, ADDRESS, /^Welcome/)).pathOf('unsubscribe');
  const preferences = tokenPath(deps, 'preferences', 'preferences', request.subscriberId);
  for (const path of [confirm, confirmation.pathOf('not-me'), unsubscribe, preferences, `/?email=${ADDRESS}`]) {
    await get(system, path);
  }
  await get(system, `/no-such-page/${ADDRESS}`);
  await signUp(system, ADDRESS, { newsletters: ['unknown'], name: 'Petronella' });
  await signUp(system, ADDRESS, { extra: ADDRESS });
  await post(system, unsubscribe);
  await post(system, `${unsubscribe}/reason`, { reason: 'other', comment: 'Petronella says so' });
  await fetch(`${system.url}/api/v1/subscribers?q=${ADDRESS}`, {
    headers: { authorization: 'Bearer cnt_wrong-token' },
  });
  expect(await statusesOf(deps, ADDRESS)).toEqual(['the-weekly:unsubscribed']);
  // A bug of ours that the database reports with the row it is about.
  await sql`alter table subscribers add constraint never check (created_at is null) not valid`.execute(deps.db);
  expect((await signUp(system, 'other.person@secret-domain.example')).status).toBe(500);
  const tokens = [confirm, unsubscribe, preferences].map((path) => path.slice(path.lastIndexOf('/') + 1));
  return [...tokens, 'secret-domain', 'private.person', 'other.person', 'Petronella', '127.0.0.1', 'cnt_wrong'];
}

it('tells of routes and outcomes, and of no person: no address, name, IP or token', async () => {
  let text = '';
  const destination = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString();
      done();
    },
  });
  const system = await startTestSystem({ log: createLogger('trace', 'test', destination) });

  let secrets: readonly string[];
  try {
    secrets = await live(system);
  } finally {
    await system.stop();
  }

  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { route?: string });
  const routes = new Set(lines.map(({ route }) => route));
  for (const route of ['/subscribe', '/confirm/:token', '/unsubscribe/:token', '/api/v1/subscriptions', 'unmatched']) {
    expect(routes).toContain(route);
  }
  for (const secret of secrets) {
    expect(text.split('\n').filter((line) => line.includes(secret))).toEqual([]);
  }
});
