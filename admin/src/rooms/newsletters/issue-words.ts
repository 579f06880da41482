import type { Issue } from '../../api/types.ts';
import { countOf, formatDistance } from '../../parts/instants.ts';

/** What a waiting issue waits for, and what becomes of it by itself. */
export function describeWaiting({ waitsBecause, atDeadline, periodAt }: Issue, now: number): string {
  const isAhead = new Date(periodAt).getTime() > now;
  const when = formatDistance(periodAt, now);
  if (waitsBecause === 'first') {
    return 'The first issue leaves only when somebody has looked at it and approved it.';
  }
  if (waitsBecause === 'overdue') {
    return `Its time has passed (${when}). It leaves only when it is approved.`;
  }
  switch (atDeadline) {
    case 'send':
      return isAhead ? `It leaves ${when} unless you drop it.` : 'Its time has come: it leaves unless you drop it now.';
    case 'drop':
      return isAhead ? `It is dropped ${when} unless you approve it.` : 'Its time has come: it is dropped in a moment.';
    case 'wait':
    case null:
      return isAhead
        ? `It waits until it is approved. Its time comes ${when}.`
        : `It waits until it is approved. Its time was ${when}.`;
  }
}

/** Why readers did not get it; undefined for one that they got or may get. */
export function describeEnd({ status, droppedBy, remarks, articleCount }: Issue): string | undefined {
  if (status === 'skipped') {
    const reasons = remarks.map(({ message }) => message).join(' ');
    return reasons === '' ? 'There was nothing new.' : reasons;
  }
  if (status === 'dropped') {
    const who = droppedBy === 'rule' ? 'Nobody had approved it by its time.' : 'An editor dropped it.';
    return `${who} Its ${countOf(articleCount, 'article')} may come in a later one.`;
  }
  return undefined;
}
