import { createNewsletter } from '../../../src/newsletters/index.ts';
import type { Newsletter } from '../../../src/newsletters/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { NewsletterId } from '../../../src/shared/ids.ts';
import type { TestSystem } from '../../support/system.ts';

export function newNewsletter(
  { deps }: TestSystem,
  input: Parameters<typeof createNewsletter>[1],
): Promise<Newsletter> {
  return createNewsletter(deps, { cron: '0 8 * * 1', timeZone: 'Europe/Berlin', ...input }, CLI_ACTOR);
}

export interface TestIssue {
  readonly number: number;
  readonly at: string | Date;
  readonly title?: string;
  readonly content?: Readonly<Record<string, unknown>>;
  readonly status?: 'approved' | 'dropped' | 'awaiting_approval';
}

/** As they lie in the database once they are out. */
export async function addIssues(
  { deps }: TestSystem,
  newsletterId: NewsletterId,
  issues: readonly TestIssue[],
): Promise<void> {
  const rows = issues.map(({ number, at, title = `Issue ${number}`, content, status = 'approved' }) => ({
    newsletter_id: newsletterId,
    kind: 'scheduled' as const,
    period_at: new Date(at),
    number,
    status,
    from_at: new Date(at),
    cutoff_at: new Date(at),
    title,
    content: JSON.stringify({ title, preheader: '', sections: [], ...content }),
    created_at: new Date(at),
    published_at: new Date(at),
  }));
  for (let from = 0; from < rows.length; from += 1000) {
    await deps.db
      .insertInto('issues')
      .values(rows.slice(from, from + 1000))
      .execute();
  }
}

const A_DAY_MS = 86_400_000;

/** One a day, backwards from the last. */
export function dailyIssues(count: number, last: string): readonly TestIssue[] {
  return Array.from({ length: count }, (_none, index) => ({
    number: index + 1,
    at: new Date(Date.parse(last) - (count - 1 - index) * A_DAY_MS),
  }));
}
