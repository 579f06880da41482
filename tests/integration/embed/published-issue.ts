import type { NewsletterId } from '../../../src/shared/ids.ts';
import type { TestSystem } from '../../support/system.ts';

/** An issue that readers got, with so many headlines. */
export async function publishIssue(
  { deps }: TestSystem,
  newsletterId: NewsletterId,
  issue: { readonly number: number; readonly title: string; readonly headlines: readonly string[] },
): Promise<void> {
  const at = new Date(deps.clock.now().getTime() + issue.number * 1000);
  const articles = issue.headlines.map((title) => ({
    title,
    url: 'https://paper.example/article',
    summaryText: '',
    summaryHtml: '',
  }));
  await deps.db
    .insertInto('issues')
    .values({
      newsletter_id: newsletterId,
      kind: 'extra',
      period_at: at,
      number: issue.number,
      status: 'approved',
      from_at: at,
      cutoff_at: at,
      title: issue.title,
      content: JSON.stringify({ title: issue.title, preheader: '', sections: [{ name: 'News', articles }] }),
      created_at: at,
      published_at: at,
    })
    .execute();
}
