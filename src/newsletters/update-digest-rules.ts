import { recordAudit } from '../audit/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import { inputError } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import type { NewsletterId } from '../shared/ids.ts';
import type { DigestRulesChanges } from './digest-settings-input.ts';
import { selectDigestRules, upsertDigestRules } from './digest-rules.repository.ts';
import type { DigestRules } from './digest-rules.ts';
import { requireNewsletter } from './find-newsletter.ts';
import { lockNewsletter } from './newsletters.repository.ts';

/**
 * Counts for the issues that are built from now on.
 * @throws AppError `newsletter_not_found`, `utm_hosts_missing`, `approval_without_time`.
 */
export async function updateDigestRules(
  deps: { readonly db: Db; readonly clock: Clock },
  newsletterId: NewsletterId,
  changes: DigestRulesChanges,
  actor: Actor,
): Promise<DigestRules> {
  return deps.db.transaction().execute(async (tx) => {
    // Also against a build that takes the intro of the next issue.
    await lockNewsletter(tx, newsletterId);
    await requireNewsletter(tx, { id: newsletterId });
    const before = await selectDigestRules(tx, newsletterId);
    const after: DigestRules = { ...before, ...withoutUndefined(changes) };
    refuseTagsForNobody(after);
    refuseApprovalWithoutTime(after);
    await upsertDigestRules(tx, after, deps.clock.now());
    await recordAudit(tx, {
      actor,
      action: 'newsletter.digest_rules_updated',
      subjectKind: 'newsletter',
      subjectId: newsletterId,
      details: { before: pick(before, changes), after: pick(after, changes) },
    });
    return after;
  });
}

function refuseTagsForNobody({ utm }: DigestRules): void {
  if (utm.source !== null && utm.hosts.length === 0) {
    const message = 'Say which sites are yours: only links to them are tagged.';
    throw inputError('utm_hosts_missing', message, {
      fields: [{ field: 'utm.hosts', code: 'utm_hosts_missing', message }],
    });
  }
}

/** Such an issue would leave with the next minute, unseen. */
function refuseApprovalWithoutTime({ approval, prepareHours, deadlinePolicy }: DigestRules): void {
  if (approval === 'required' && prepareHours === 0 && deadlinePolicy !== 'wait') {
    const message = 'Prepare issues some hours ahead, or let them wait: otherwise nobody has time to approve one.';
    throw inputError('approval_without_time', message, {
      fields: [{ field: 'prepareHours', code: 'approval_without_time', message }],
    });
  }
}

/** A field that is left out is absent for zod, but may be undefined for the type. */
function withoutUndefined(changes: DigestRulesChanges): Partial<DigestRules> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

function pick(rules: DigestRules, changes: DigestRulesChanges): Record<string, unknown> {
  return Object.fromEntries(Object.entries(rules).filter(([name]) => name in changes));
}
