import { sql } from 'kysely';
import { watchIssues } from '../../../src/issue-alerts/index.ts';
import { createNewsletter } from '../../../src/newsletters/index.ts';
import type { Newsletter } from '../../../src/newsletters/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { IssueId, NewsletterId, SectionId } from '../../../src/shared/ids.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startTestSystem } from '../../support/system.ts';
import { setUpFirstAdmin } from '../accounts/admin-client.ts';

export const MONDAY = '2026-11-23T07:00:00Z';
export const MINUTE_MS = 60_000;

interface SystemMail {
  readonly address: string;
  readonly template: string;
  readonly subject: string;
  readonly text: string;
}

/** A system without a worker whose clock stands, one admin with a proven address, and a hand for rows that the clock would make. */
export async function openAlertDesk() {
  const clock = createFakeClock(MONDAY);
  const system = await startTestSystem({ worker: false, clock });
  const { deps } = system;
  const client = await setUpFirstAdmin(system);
  await deps.db.updateTable('admins').set({ verified_at: clock.now() }).execute();
  await deps.db.updateTable('newsletters').set({ next_run_at: null, cron: '' }).execute();
  let count = 0;
  return {
    ...system,
    clock,
    client,
    watch: () => watchIssues(deps),
    newNewsletter: async (locale = 'en'): Promise<Newsletter> => {
      count += 1;
      const input = { name: `Paper ${count}`, cron: '0 8 * * 1', timeZone: 'Europe/Berlin', locale };
      return createNewsletter(deps, input, CLI_ACTOR);
    },
    addIssue: async (
      newsletterId: NewsletterId,
      issue: {
        readonly status: 'awaiting_approval' | 'approved' | 'skipped' | 'dropped';
        readonly periodAt: Date;
        readonly articles?: readonly SectionId[];
        readonly remarks?: readonly object[];
        readonly because?: 'first' | 'required' | 'overdue';
      },
    ): Promise<IssueId> => {
      const content = {
        title: 'Ferry & tide',
        sections: [{ name: 'Insights', articles: [{ title: 'The <old> gauge' }] }],
      };
      const { rows } = await sql<{ id: IssueId }>`
        insert into issues (newsletter_id, kind, period_at, number, status, from_at, cutoff_at, title, content, created_at, remarks, waits_because)
        select ${newsletterId}, 'scheduled', ${issue.periodAt},
          case when ${issue.status}::text = 'approved' then (select coalesce(max(number), 0) + 1 from issues where newsletter_id = ${newsletterId}) end,
          ${issue.status}, ${issue.periodAt}, ${issue.periodAt}, ${content.title}, ${JSON.stringify(content)}, ${clock.now()},
          ${JSON.stringify(issue.remarks ?? [])}, ${issue.because ?? null}
        returning id`.execute(deps.db);
      const [row] = rows;
      if (row === undefined) {
        throw new Error('no issue was made');
      }
      for (const [position, sectionId] of (issue.articles ?? []).entries()) {
        await sql`
          with article as (
            insert into articles (newsletter_id, section_id, url, title, first_seen_at)
            values (${newsletterId}, ${sectionId}, ${`https://paper.example/${row.id}/${position}`}, 'News', ${clock.now()}) returning id
          )
          insert into issue_articles (issue_id, article_id, newsletter_id, section_id, position)
          select ${row.id}, id, ${newsletterId}, ${sectionId}, ${position} from article`.execute(deps.db);
      }
      return row.id;
    },
    /** As if its time had come so many minutes ago and nobody had built it. */
    makeOverdue: async (id: NewsletterId, minutes: number): Promise<void> => {
      const at = new Date(clock.now().getTime() - minutes * MINUTE_MS);
      await deps.db.updateTable('newsletters').set({ next_run_at: at }).where('id', '=', id).execute();
    },
    alertsOf: (id: NewsletterId) =>
      deps.db
        .selectFrom('issue_alerts')
        .select(['id', 'kind', 'code', 'mailed_at'])
        .where('newsletter_id', '=', id)
        .orderBy('id')
        .execute(),
    warnings: async () => {
      const { body } = await client.send('GET', '/overview');
      const { warnings } = body as { warnings: { code: string; message: string; alertId?: number }[] };
      return warnings.filter(({ code }) => code.startsWith('issue_'));
    },
    /** Mails about issues, the oldest first. */
    mails: async (): Promise<readonly SystemMail[]> => {
      const { rows } = await sql<{ address: string; template: string; subject: string[]; text: string[] }>`
        select d.address, m.template, m.mail -> 'compiled' -> 'subject' as subject, m.mail -> 'compiled' -> 'text' as text
        from deliveries d join compiled_mails m on m.id = d.compiled_mail_id
        where d.kind = 'system' and m.template like 'issue-%' order by d.id`.execute(deps.db);
      return rows.map(({ subject, text, ...mail }) => ({ ...mail, subject: subject.join(''), text: text.join('') }));
    },
    clear: async (): Promise<void> => {
      await sql`truncate issue_alerts, admin_notices`.execute(deps.db);
      await sql`delete from delivery_blocks where lane = 'transactional'`.execute(deps.db);
      await sql`delete from deliveries where kind = 'system'`.execute(deps.db);
      await sql`update newsletters set next_run_at = null, cron = ''`.execute(deps.db);
      await sql`delete from issue_articles`.execute(deps.db);
      await sql`delete from articles`.execute(deps.db);
      await sql`delete from issues`.execute(deps.db);
      clock.set(MONDAY);
    },
  };
}

export type AlertDesk = Awaited<ReturnType<typeof openAlertDesk>>;
