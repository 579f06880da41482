import { loadCompiledMail } from '../deliveries/index.ts';
import { requireNewsletter } from '../newsletters/index.ts';
import type { Db, DbOrTx } from '../platform/postgres/index.ts';
import { findGaps, mayHaveGaps } from '../rendering/index.ts';
import type { CompiledMail } from '../rendering/index.ts';
import { conflict } from '../shared/app-error.ts';
import type { AppError } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import type { NewsletterId, SubscriberId } from '../shared/ids.ts';
import type { Campaign } from './campaign.ts';
import { selectCompiledMailId } from './campaigns.repository.ts';
import { compileOrRefuse } from './compile-campaign.ts';
import type { CompileDeps } from './compile-campaign.ts';
import { countNamelessReaders, selectNamelessReaders } from './nameless-readers.repository.ts';
import type { NamelessReader } from './nameless-readers.repository.ts';

/** Readers whose mail would have a hole. The name is the only field that a reader may lack: everybody has links and a language. */
export interface MissingMergeData {
  readonly field: 'subscriber.name';
  readonly count: number;
  /** The languages of those concerned; null: they chose none. */
  readonly locales: readonly (string | null)[];
}

export interface MissingMergeDataPage {
  readonly field: MissingMergeData['field'];
  readonly count: number;
  readonly readers: readonly NamelessReader[];
  readonly nextCursor: SubscriberId | null;
}

type FindDeps = Pick<CompileDeps, 'mailTemplates'> & { readonly db: DbOrTx; readonly clock: Clock };

/** Who of the audience of this moment lacks what the mail prints without a default; undefined if nobody does. */
export async function findMissingMergeData(
  deps: FindDeps,
  newsletterId: NewsletterId,
  mail: CompiledMail,
): Promise<MissingMergeData | undefined> {
  if (!mayHaveGaps(mail)) {
    return undefined;
  }
  const groups = await countNamelessReaders(deps.db, newsletterId, deps.clock.now());
  const gaps = await findGaps(
    deps.mailTemplates.logic,
    mail,
    groups.map(({ locale }) => locale),
  );
  const concerned = groups.filter(({ locale }) => gaps.has(locale));
  const count = concerned.reduce((sum, group) => sum + group.count, 0);
  return count === 0 ? undefined : { field: 'subscriber.name', count, locales: concerned.map(({ locale }) => locale) };
}

/** For the error at once and the stop of a scheduled campaign alike. No addresses: errors are logged, and not everybody who sends may read them. */
export function describeMissingMergeData(
  { field, count }: MissingMergeData,
  campaign: Pick<Campaign, 'id'>,
): { readonly code: 'merge_data_missing'; readonly message: string } {
  const who = count === 1 ? '1 reader of the audience has' : `${count} readers of the audience have`;
  return {
    code: 'merge_data_missing',
    message: `${who} no name, and the mail prints {{ ${field} }} without a default. Write {{ ${field} | default: "reader" }}, or put what prints it between {% if ${field} %} and {% endif %}. Who they are: GET /api/v1/campaigns/${campaign.id}/missing-merge-data`,
  };
}

/** @throws AppError `merge_data_missing` with the count. */
export async function refuseMissingMergeData(deps: FindDeps, campaign: Campaign, mail: CompiledMail): Promise<void> {
  const missing = await findMissingMergeData(deps, campaign.newsletterId, mail);
  if (missing !== undefined) {
    throw mergeDataMissing(missing, campaign);
  }
}

function mergeDataMissing(missing: MissingMergeData, campaign: Campaign): AppError {
  const { code, message } = describeMissingMergeData(missing, campaign);
  return conflict(code, message, { details: { count: missing.count, field: missing.field } });
}

/**
 * Who lacks what a campaign prints: as its text is now for a draft, as it was sent for a scheduled one. Nobody once the audience is frozen.
 * @throws AppError when a draft does not compile.
 */
export async function listMissingMergeData(
  deps: CompileDeps & { readonly db: Db; readonly clock: Clock },
  campaign: Campaign,
  page: { readonly after: SubscriberId | undefined; readonly limit: number },
): Promise<MissingMergeDataPage> {
  const { newsletterId } = campaign;
  const mail = await mailToBeSent(deps, campaign);
  const missing = mail === undefined ? undefined : await findMissingMergeData(deps, newsletterId, mail);
  if (missing === undefined) {
    return { field: 'subscriber.name', count: 0, readers: [], nextCursor: null };
  }
  const { field, count, locales } = missing;
  const asked = { newsletterId, locales, now: deps.clock.now(), after: page.after, limit: page.limit + 1 };
  const found = await selectNamelessReaders(deps.db, asked);
  const readers = found.slice(0, page.limit);
  return {
    field,
    count,
    readers,
    nextCursor: found.length > page.limit ? (readers.at(-1)?.subscriberId ?? null) : null,
  };
}

/** Undefined for issues, which are written by rule and need nothing of a reader, and once it is on its way. */
async function mailToBeSent(
  deps: CompileDeps & { readonly db: Db },
  campaign: Campaign,
): Promise<CompiledMail | undefined> {
  if (campaign.kind !== 'campaign' || campaign.frozenAt !== null) {
    return undefined;
  }
  const storedId = campaign.status === 'scheduled' ? await selectCompiledMailId(deps.db, campaign.id) : null;
  if (storedId !== null) {
    return (await loadCompiledMail(deps.db, storedId)).compiled;
  }
  const newsletter = await requireNewsletter(deps.db, { id: campaign.newsletterId });
  return (await compileOrRefuse(deps, campaign, newsletter)).mail.compiled;
}
