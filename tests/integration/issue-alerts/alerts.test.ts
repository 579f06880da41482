import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { watchIssues } from '../../../src/issue-alerts/index.ts';
import { loadMailTemplates } from '../../../src/rendering/index.ts';
import { MINUTE_MS, openAlertDesk } from './alert-desk.ts';
import type { AlertDesk } from './alert-desk.ts';

let desk: AlertDesk;
beforeAll(async () => {
  desk = await openAlertDesk();
});
afterAll(() => desk.stop());
afterEach(() => desk.clear());

function minutesAgo(minutes: number): Date {
  return new Date(desk.clock.now().getTime() - minutes * MINUTE_MS);
}

async function readMetrics(): Promise<string> {
  const answer = await fetch(`${desk.url}/metrics`);
  return answer.text();
}

describe('an issue that nobody has built', () => {
  it('is on the home page and in the metrics after half an hour, though no worker runs', async () => {
    const { id, slug } = await desk.newNewsletter();
    await desk.makeOverdue(id, 30);
    expect(await desk.warnings()).toEqual([]);
    desk.clock.advance(MINUTE_MS);

    expect(await desk.warnings()).toEqual([
      {
        code: 'issue_late',
        message: expect.stringMatching(/^The issue of Paper \d+ for Monday 23 November at 07:30 CET has not/) as string,
        href: `/admin/newsletters/${id}/issues`,
      },
    ]);
    const metrics = await readMetrics();
    expect(metrics).toContain(`courant_issue_alerts{newsletter="${slug}",kind="late"} 1`);
    expect(metrics).toContain(`courant_issue_late_seconds{newsletter="${slug}"} 1860`);
    await desk.deps.db.updateTable('newsletters').set({ next_run_at: null }).where('id', '=', id).execute();
    expect(await desk.warnings()).toEqual([]);
    expect(await readMetrics()).not.toContain(`{newsletter="${slug}"`);
  });

  it('is told once, in one mail to each admin, whoever watches and how often', async () => {
    const first = await desk.newNewsletter('de');
    const second = await desk.newNewsletter('de');
    await desk.makeOverdue(first.id, 40);
    await desk.makeOverdue(second.id, 35);

    await Promise.all([desk.watch(), desk.watch(), desk.watch()]);
    await desk.watch();

    const [mail, ...others] = await desk.mails();
    expect(others).toEqual([]);
    expect(mail).toMatchObject({ address: 'ada@example.org', template: 'issue-alert' });
    expect(mail?.subject).toContain('Bitte sehen Sie sich einige Ausgaben an');
    expect(mail?.text).toContain(`Die Ausgabe von ${first.name} für`);
    expect(mail?.text).toContain(`${desk.url}/admin/newsletters/${second.id}/issues`);
    expect(await desk.alertsOf(first.id)).toMatchObject([{ kind: 'late', code: 'late_not_built' }]);
  });

  it('is told once also if the process dies between the alert and the mail, or after it', async () => {
    const { id } = await desk.newNewsletter();
    await desk.makeOverdue(id, 31);
    const templates = loadMailTemplates();
    const broken = { ...templates, files: { ...templates.files, 'issue-alert/subject.txt': '{{ nothing.like.it }}' } };
    await expect(watchIssues({ ...desk.deps, mailTemplates: broken })).rejects.toThrow('nothing');
    expect(await desk.alertsOf(id)).toMatchObject([{ mailed_at: null }]);
    const dying = {
      ...desk.deps.doorbell,
      ring: () => {
        throw new Error('killed');
      },
    };
    await expect(watchIssues({ ...desk.deps, doorbell: dying })).rejects.toThrow('killed');

    await desk.watch();

    expect(await desk.mails()).toHaveLength(1);
  });

  it('is told to nobody by a system that was restored, until it is released (T14)', async () => {
    const { id } = await desk.newNewsletter();
    await desk.makeOverdue(id, 31);
    await desk.addIssue(id, { status: 'awaiting_approval', periodAt: minutesAgo(-5) });
    const value = { reason: 'restored', since: desk.clock.now(), lastWorkAt: minutesAgo(600) };
    await desk.deps.db
      .insertInto('settings')
      .values({ key: 'release_hold', value: JSON.stringify(value) })
      .execute();
    await desk.watch();
    expect(await desk.mails()).toEqual([]);
    expect(await desk.warnings()).toHaveLength(2);

    await desk.deps.db.deleteFrom('settings').where('key', '=', 'release_hold').execute();
    await desk.watch();

    expect((await desk.mails()).map(({ template }) => template)).toEqual(['issue-waiting', 'issue-alert']);
  });

  it('is told to nobody while no address is proven, and to nobody a day later', async () => {
    const { id } = await desk.newNewsletter();
    await desk.makeOverdue(id, 31);
    await desk.deps.db.updateTable('admins').set({ verified_at: null }).execute();
    await desk.watch();
    desk.clock.advance(24 * 60 * MINUTE_MS);
    await desk.deps.db.updateTable('admins').set({ verified_at: desk.clock.now() }).execute();
    await desk.watch();

    expect(await desk.mails()).toEqual([]);
    expect(await desk.alertsOf(id)).toMatchObject([{ kind: 'late', mailed_at: null }]);
  });

  it('is told after it was built, if it was built late', async () => {
    const { id } = await desk.newNewsletter();
    const issueId = await desk.addIssue(id, { status: 'approved', periodAt: minutesAgo(90) });

    await desk.watch();

    expect(await desk.warnings()).toEqual([]);
    const [mail] = await desk.mails();
    expect(mail?.text.replaceAll(/\s+/g, ' ')).toContain('was made 90 minutes late');
    expect(mail?.text).toContain(`/issues/${issueId}`);
  });
});

describe('an issue that was built', () => {
  it('is late while it waits for approval half an hour after its time, and not any more once it is decided', async () => {
    const { id } = await desk.newNewsletter();
    const issueId = await desk.addIssue(id, { status: 'awaiting_approval', periodAt: minutesAgo(31) });
    expect((await desk.warnings()).map(({ message }) => message)).toEqual([
      expect.stringContaining('still waits for approval') as string,
    ]);

    await desk.deps.db.updateTable('issues').set({ status: 'dropped' }).where('id', '=', issueId).execute();

    expect(await desk.warnings()).toEqual([]);
  });

  it('raises an alert when it was skipped, until the next one is built', async () => {
    const { id } = await desk.newNewsletter();
    await desk.addIssue(id, { status: 'skipped', periodAt: minutesAgo(1) });
    await desk.watch();

    expect((await desk.warnings()).map(({ message }) => message)).toEqual([
      expect.stringMatching(/^There was no issue of Paper \d+ on .*: there was nothing new\.$/) as string,
    ]);
    expect(await desk.mails()).toHaveLength(1);
    await desk.addIssue(id, { status: 'approved', periodAt: minutesAgo(0) });
    expect(await desk.warnings()).toEqual([]);
  });

  it('raises alerts when it is short and lacks an article', async () => {
    const { id, sections } = await desk.newNewsletter();
    const all = sections.map((section) => section.id);
    for (const weeks of [3, 2, 1]) {
      await desk.addIssue(id, {
        status: 'approved',
        periodAt: minutesAgo(weeks * 7 * 24 * 60),
        articles: [...all, ...all],
      });
    }
    const remarks = [{ code: 'article_broken', message: '“Storm” could not be shown.', articleId: 4 }];
    await desk.addIssue(id, { status: 'approved', periodAt: minutesAgo(1), articles: all.slice(0, 2), remarks });
    await desk.watch();

    expect((await desk.alertsOf(id)).map(({ code }) => code)).toEqual(['short_of_usual', 'left_out']);
    expect((await desk.warnings()).map(({ message }) => message)).toEqual([
      expect.stringMatching(/is short: it has 2 articles\. The last ones had 6\.$/) as string,
      expect.stringMatching(/^One article was left out of the issue of .*: “Storm” could not be shown\.$/) as string,
    ]);
    expect(await desk.mails()).toHaveLength(1);
  });
});

describe('dismissing', () => {
  it('takes an alert off the home page for good, and is written down once', async () => {
    const { id } = await desk.newNewsletter();
    await desk.makeOverdue(id, 31);
    await desk.watch();
    const [warning] = await desk.warnings();
    const path = `/alerts/${String(warning?.alertId)}/dismiss`;

    const answers = await Promise.all([desk.client.send('POST', path), desk.client.send('POST', path)]);
    await desk.watch();

    expect(answers.map(({ status, body }) => [status, body['alerts']])).toEqual([
      [200, []],
      [200, []],
    ]);
    expect(await desk.warnings()).toEqual([]);
    const audit = await desk.client.send('GET', `/audit?subjectKind=alert&subjectId=${String(warning?.alertId)}`);
    expect(audit.body['entries']).toMatchObject([{ action: 'alert.dismissed', details: { kind: 'late' } }]);
  });

  it('is refused for an alert that there is not, and to strangers', async () => {
    expect(await desk.client.send('POST', '/alerts/999999/dismiss')).toMatchObject({
      status: 404,
      body: { code: 'alert_not_found' },
    });
    const stranger = await fetch(`${desk.url}/api/v1/alerts/1/dismiss`, { method: 'POST' });
    expect(stranger.status).toBe(401);
  });

  it('spares the admins a mail about what they have seen', async () => {
    const { id } = await desk.newNewsletter();
    await desk.makeOverdue(id, 31);
    await desk.deps.db.updateTable('admins').set({ verified_at: null }).execute();
    await desk.watch();
    const [warning] = await desk.warnings();
    await desk.client.send('POST', `/alerts/${String(warning?.alertId)}/dismiss`);
    await desk.deps.db.updateTable('admins').set({ verified_at: desk.clock.now() }).execute();

    await desk.watch();

    expect(await desk.mails()).toEqual([]);
  });
});
