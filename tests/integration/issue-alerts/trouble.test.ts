import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { afterEach, describe, expect, it } from 'vitest';
import { runDigestNow } from '../../../src/digests/index.ts';
import { watchIssues } from '../../../src/issue-alerts/index.ts';
import { migrateAll } from '../../../src/migrate.ts';
import { findNewsletter } from '../../../src/newsletters/index.ts';
import type { Newsletter } from '../../../src/newsletters/index.ts';
import { createLogger } from '../../../src/platform/logging/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { startWorker } from '../../../workers/start-worker.ts';
import { startPostgres } from '../../support/postgres-server.ts';
import { addReaders } from '../../support/readers.ts';
import { startSmtpSink } from '../../support/smtp-sink.ts';
import { startTestSystem } from '../../support/system.ts';
import type { SystemOptions, TestSystem } from '../../support/system.ts';
import { waitFor } from '../../support/wait-for.ts';
import { setUpFirstAdmin } from '../accounts/admin-client.ts';
import type { AdminClient } from '../accounts/admin-client.ts';

const TROUBLE_TIMEOUT_MS = 90_000;
const MAIL_DEADLINE_MS = 60_000;
const ADMIN = 'ada@example.org';
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) {
    await close();
  }
}, TROUBLE_TIMEOUT_MS);

/** A system whose first admin has proven the address. */
async function start(options: SystemOptions): Promise<{ readonly system: TestSystem; readonly client: AdminClient }> {
  const system = await startTestSystem(options);
  closers.push(system.stop);
  const client = await setUpFirstAdmin(system);
  await system.deps.db.updateTable('admins').set({ verified_at: new Date() }).execute();
  return { system, client };
}

async function requireWeekly({ deps }: TestSystem): Promise<Newsletter> {
  const newsletter = await findNewsletter(deps.db, { slug: 'the-weekly' });
  assert(newsletter !== undefined);
  return newsletter;
}

/** An issue whose time was so many minutes ago and that waits for approval. */
async function addWaiting({ deps }: TestSystem, newsletter: Newsletter, minutes: number): Promise<void> {
  await sql`
    insert into issues (newsletter_id, kind, period_at, status, from_at, cutoff_at, title, content, created_at, waits_because)
    select ${newsletter.id}, 'scheduled', at, 'awaiting_approval', at, at, 'Ferry', '{"title": "Ferry", "sections": []}', now(), 'first'
    from (select now() - make_interval(mins => ${minutes}) as at) t`.execute(deps.db);
}

async function issueWarnings(client: AdminClient): Promise<readonly string[]> {
  const { body } = await client.send('GET', '/overview');
  const warnings = body['warnings'] as readonly { readonly code: string; readonly message: string }[];
  return warnings.filter(({ code }) => code === 'issue_late').map(({ message }) => message);
}

function subjectsTo(mails: TestSystem['sink']['mails'], address: string): readonly string[] {
  return mails
    .filter(({ recipients }) => recipients.includes(address))
    .map(({ raw }) => /^Subject: (.*)$/m.exec(raw.toString())?.[1]?.trim() ?? '')
    .filter((subject) => subject.startsWith('The Weekly: '))
    .toSorted();
}

const TOLD = ['The Weekly: an issue waits for you', 'The Weekly: please look at an issue'];

describe('what admins have to know', () => {
  it(
    'leaves once, with two workers at it',
    async () => {
      const { system } = await start({});
      const second = await startWorker(system.deps);
      closers.push(() => second.stop(5000));
      await addWaiting(system, await requireWeekly(system), 40);

      await Promise.all([watchIssues(system.deps), watchIssues(system.deps)]);
      system.deps.doorbell.ring('watch-issues', {});
      system.deps.doorbell.ring('sweep', {});

      await waitFor('both mails', () => subjectsTo(system.sink.mails, ADMIN).length >= 2, MAIL_DEADLINE_MS);
      await waitFor('nothing to be under way', async () => {
        const { rows } = await sql`select 1 from delivery_blocks`.execute(system.deps.db);
        return rows.length === 0;
      });
      expect(subjectsTo(system.sink.mails, ADMIN)).toEqual(TOLD);
    },
    TROUBLE_TIMEOUT_MS,
  );

  it(
    'leaves once when the database went away in between, and the home page is there again with it',
    async () => {
      const server = await startPostgres({ durable: true });
      closers.push(server.stop);
      await migrateAll(server.url, createLogger('silent', 'test'));
      const { system, client } = await start({ environment: { DATABASE_URL: server.url } });
      await addWaiting(system, await requireWeekly(system), 40);
      await server.kill('SIGKILL');
      await expect(watchIssues(system.deps)).rejects.toBeInstanceOf(Error);
      expect(await (await fetch(`${system.url}/metrics`)).text()).toContain('courant_issue_alerts');
      await server.restart();

      await waitFor(
        'the alert to be told',
        async () => {
          await watchIssues(system.deps);
          return subjectsTo(system.sink.mails, ADMIN).length >= 2;
        },
        MAIL_DEADLINE_MS,
      );
      await watchIssues(system.deps);
      expect(await issueWarnings(client)).toEqual([expect.stringContaining('waits for approval') as string]);
      expect(subjectsTo(system.sink.mails, ADMIN)).toEqual(TOLD);
    },
    TROUBLE_TIMEOUT_MS,
  );
});

describe('without the relay', () => {
  it(
    'an issue that is due is late after half an hour, and issue and alert leave once when the relay is back',
    async () => {
      const lost = await startSmtpSink();
      await lost.stop();
      const { system, client } = await start({
        environment: { SMTP_URL: lost.url, MAIL_FROM: 'news@courant.example' },
      });
      const { deps } = system;
      await addReaders(deps, 2);
      const newsletter = await requireWeekly(system);
      const [section] = newsletter.sections;
      assert(section !== undefined);
      await deps.db
        .insertInto('articles')
        .values({
          newsletter_id: newsletter.id,
          section_id: section.id,
          url: 'https://paper.example/ferry',
          title: 'The night ferry',
          first_seen_at: new Date(newsletter.cutoffAt.getTime() + 1),
        })
        .execute();
      expect(await runDigestNow(deps, newsletter, CLI_ACTOR)).toMatchObject({ kind: 'published' });
      await waitFor('the audience to be frozen', async () => {
        const { rows } = await sql`select 1 from campaigns where status = 'sending'`.execute(deps.db);
        return rows.length === 1;
      });
      expect(await issueWarnings(client)).toEqual([]);
      await sql`update campaigns set frozen_at = frozen_at - interval '31 minutes', start_at = start_at - interval '31 minutes'`.execute(
        deps.db,
      );

      await watchIssues(deps);
      expect(await issueWarnings(client)).toEqual([expect.stringContaining('no server has taken') as string]);
      const relay = await startSmtpSink({ port: lost.port });
      closers.push(relay.stop);

      await waitFor('the alert', () => subjectsTo(relay.mails, ADMIN).length > 0, MAIL_DEADLINE_MS);
      await waitFor('the issue', () => relay.mails.length >= 4, MAIL_DEADLINE_MS);
      await waitFor('the alert to be over', async () => (await issueWarnings(client)).length === 0);
      await watchIssues(deps);
      expect(subjectsTo(relay.mails, ADMIN)).toEqual(['The Weekly: please look at an issue']);
      expect(relay.mails.flatMap(({ recipients }) => recipients).toSorted()).toEqual([
        ADMIN,
        ADMIN,
        'reader-1@readers.example',
        'reader-2@readers.example',
      ]);
    },
    TROUBLE_TIMEOUT_MS,
  );
});
