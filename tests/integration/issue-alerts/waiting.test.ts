import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MINUTE_MS, openAlertDesk } from './alert-desk.ts';
import type { AlertDesk } from './alert-desk.ts';

let desk: AlertDesk;
beforeAll(async () => {
  desk = await openAlertDesk();
});
afterAll(() => desk.stop());
afterEach(() => desk.clear());

function inHours(hours: number): Date {
  return new Date(desk.clock.now().getTime() + hours * 60 * MINUTE_MS);
}

async function words(): Promise<readonly string[]> {
  return (await desk.mails()).map(({ text }) => text.replaceAll(/\s+/g, ' '));
}

describe('an issue that waits for approval', () => {
  it('is told to all admins with a proven address once, with its headlines and where to decide', async () => {
    const { id, name } = await desk.newNewsletter();
    const now = desk.clock.now();
    await desk.deps.db
      .insertInto('admins')
      .values([
        { address: 'bo@example.org', address_key: 'bo@example.org', verified_at: now, created_at: now },
        { address: 'new@example.org', address_key: 'new@example.org', verified_at: null, created_at: now },
      ])
      .execute();
    const issueId = await desk.addIssue(id, { status: 'awaiting_approval', periodAt: inHours(4), because: 'first' });

    await Promise.all([desk.watch(), desk.watch()]);
    await desk.watch();

    const mails = await desk.mails();
    expect(mails.map(({ address }) => address)).toEqual(['ada@example.org', 'bo@example.org']);
    const [mail] = mails;
    expect(mail?.subject).toBe(`${name}: an issue waits for you`);
    expect(mail?.text).toContain('* The <old> gauge');
    expect(mail?.text).toContain(`${desk.url}/admin/newsletters/${id}/issues/${issueId}`);
    expect((await words())[0]).toContain('It is the first one of this newsletter');
    await desk.deps.db.deleteFrom('admins').where('address', '<>', 'ada@example.org').execute();
  });

  it.each([
    ['send', 'goes out by itself'],
    ['wait', 'otherwise waits'],
    ['drop', 'is dropped'],
  ] as const)('says what becomes of it by the policy %s', async (policy, sentence) => {
    const { id } = await desk.newNewsletter();
    const rules = { newsletter_id: id, deadline_policy: policy, updated_at: desk.clock.now() } as const;
    await desk.deps.db.insertInto('digest_rules').values(rules).execute();
    await desk.addIssue(id, { status: 'awaiting_approval', periodAt: inHours(4), because: 'required' });
    await desk.addIssue(id, { status: 'awaiting_approval', periodAt: inHours(-0.1), because: 'overdue' });
    await desk.addIssue(id, { status: 'awaiting_approval', periodAt: inHours(5), because: 'first' });

    await desk.watch();

    const [planned, overdue, first] = await words();
    expect(planned).toContain('Its time is Monday 23 November at 12:00 CET.');
    expect(planned).toContain(sentence);
    expect(overdue).toContain('It is overdue');
    expect(overdue).toContain('It goes out as soon as somebody approves it.');
    expect(first).toContain('otherwise waits');
  });

  it('is not told where the newsletter does not want it, once it is decided, or a week later', async () => {
    const quiet = await desk.newNewsletter();
    const rules = { newsletter_id: quiet.id, notify_editors: false, updated_at: desk.clock.now() };
    await desk.deps.db.insertInto('digest_rules').values(rules).execute();
    await desk.addIssue(quiet.id, { status: 'awaiting_approval', periodAt: inHours(200) });
    const { id } = await desk.newNewsletter();
    await desk.addIssue(id, { status: 'dropped', periodAt: inHours(1) });
    await desk.watch();
    await desk.deps.db.updateTable('digest_rules').set({ notify_editors: true }).execute();
    desk.clock.advance(7 * 24 * 60 * MINUTE_MS);
    await desk.watch();

    expect((await desk.mails()).filter(({ template }) => template === 'issue-waiting')).toEqual([]);
  });
});
