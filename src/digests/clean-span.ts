import type { Frequency } from '../newsletters/index.ts';
import type { IssueRemark } from './issue.ts';
import { leaveOutBroken, tryCleaning } from './leave-out-broken.ts';
import type { TrySections } from './leave-out-broken.ts';
import { entitle } from './variants.ts';
import type { IssueSpan, IssueText } from './variants.ts';

/**
 * The span without articles that no mail can show: one that was well when its issue was built may not be with the settings of now.
 * The remarks are about the issue itself; what was left out of earlier ones was said then.
 * @param trySections compiles the issue with these sections instead of its own
 */
export async function cleanSpan(
  span: IssueSpan,
  trySections: TrySections,
): Promise<{ readonly span: IssueSpan; readonly remarks: readonly IssueRemark[] }> {
  const { text: issue, remarks } = await cleanText(span.issue, trySections);
  const closes = new Map<Frequency, readonly IssueText[]>();
  for (const [frequency, earlier] of span.closes) {
    const cleaned = await Promise.all(earlier.map((text) => cleanText(text, tryCleaning)));
    closes.set(
      frequency,
      cleaned.map(({ text }) => text),
    );
  }
  return { span: { ...span, issue, closes }, remarks };
}

/** As it is where nothing would be left: then something else is in the way. */
async function cleanText(
  text: IssueText,
  trySections: TrySections,
): Promise<{ readonly text: IssueText; readonly remarks: readonly IssueRemark[] }> {
  const { sections, remarks } = await leaveOutBroken(text.digest.sections, trySections);
  const left = remarks.length === 0 ? undefined : entitle(text, sections);
  return left === undefined ? { text, remarks: [] } : { text: left, remarks };
}
