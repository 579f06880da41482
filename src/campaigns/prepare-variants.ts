import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { listSelections, storeCompiledMail } from '../deliveries/index.ts';
import type { MailChoice } from '../deliveries/index.ts';
import { articleIdsOf, chooseText, cleanSpan, selectIssueSpan } from '../digests/index.ts';
import type { IssueRemark, IssueText } from '../digests/index.ts';
import type { Frequency, Newsletter } from '../newsletters/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { ArticleId, CampaignId } from '../shared/ids.ts';
import type { Campaign } from './campaign.ts';
import { compileCampaign, compileOrRefuse, describeProblem } from './compile-campaign.ts';
import type { CompileDeps } from './compile-campaign.ts';

export interface PreparedIssue {
  /** Of the whole issue, whoever gets it. */
  readonly wholeMailId: number;
  readonly choice: MailChoice;
  /** What it was prepared for, see `lockSpan`. */
  readonly span: { readonly closes: readonly Frequency[]; readonly campaignIds: readonly CampaignId[] };
  readonly variants: readonly IssueVariant[];
  /** About articles that no mail can show and none holds. */
  readonly remarks: readonly IssueRemark[];
}

export interface IssueVariant {
  readonly compiledMailId: number;
  readonly articleIds: readonly ArticleId[];
}

/**
 * Compiles the mails of an issue, one for each distinct list of articles that readers' selections come to: the cost grows with
 * these, not with the readers. Nothing is written but the mails, by their content, so that it may be done again. Undefined when
 * an editor has taken the issue back meanwhile, and its campaign with it.
 * @throws AppError of kind input where the mail cannot be made
 */
export async function prepareVariants(
  deps: CompileDeps & { readonly db: Db; readonly clock: Clock },
  campaign: Campaign,
  newsletter: Newsletter,
): Promise<PreparedIssue | undefined> {
  const found = await selectIssueSpan(deps.db, campaign.id, deps.clock.now());
  if (found === undefined) {
    return undefined;
  }
  const { span, remarks } = await cleanSpan(found, async (sections) => {
    const source = JSON.stringify({ ...found.issue.digest, sections });
    const outcome = await compileCampaign(deps, { ...campaign, source }, newsletter);
    return outcome.ok ? undefined : outcome.problems.map(describeProblem).join('; ');
  });
  const earlier = { campaignIds: span.campaignIds, frequencies: [...span.closes.keys()] };
  const selections = await listSelections(deps.db, newsletter.id, earlier);
  const compile = createVariantCompiler(deps, campaign, newsletter);
  const wholeMailId = await compile(span.issue);
  const mailIds = new Map<string, number | null>();
  const variants = new Map<number, ReadonlySet<ArticleId>>();
  for (const selection of selections) {
    const text = chooseText(span, newsletter.sections, selection);
    const mailId = text === undefined ? null : await compile(text);
    mailIds.set(selection.key, mailId);
    if (mailId !== null && text !== undefined) {
      // Articles that look the same make the same mail.
      variants.set(mailId, new Set([...(variants.get(mailId) ?? []), ...articleIdsOf(text)]));
    }
  }
  return {
    wholeMailId,
    choice: { mailIds, earlier },
    span: { closes: earlier.frequencies, campaignIds: earlier.campaignIds },
    variants: [...variants].map(([compiledMailId, articleIds]) => ({ compiledMailId, articleIds: [...articleIds] })),
    remarks,
  };
}

/** Each text once, however many selections come to it. Other work of the process gets its turn in between. */
function createVariantCompiler(
  deps: CompileDeps & { readonly db: Db; readonly clock: Clock },
  campaign: Campaign,
  newsletter: Newsletter,
): (text: IssueText) => Promise<number> {
  const stored = new Map<string, number>();
  return async ({ digest, preheader }) => {
    const source = JSON.stringify(digest);
    const key = createHash('sha256')
      .update(`${preheader ?? ''}\n${source}`)
      .digest('base64');
    const known = stored.get(key);
    if (known !== undefined) {
      return known;
    }
    await setImmediate();
    const { mail } = await compileOrRefuse(deps, { ...campaign, source, preheader }, newsletter);
    const id = await storeCompiledMail(deps.db, mail, deps.clock.now());
    stored.set(key, id);
    return id;
  };
}
