import { recordAudit } from '../audit/index.ts';
import type { Db, Tx } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import { conflict, inputError } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import { deleteDraft } from './drafts.repository.ts';
import type { DraftKey } from './drafts.repository.ts';
import { draftChanged } from './edit-draft.ts';
import { hashMarkdown } from './legal-document.ts';
import type { LegalChange, LegalDocument, LegalKind } from './legal-document.ts';
import { insertDocument, lockText, selectAllDocuments } from './legal.repository.ts';
import { isShippedSample } from './sample-documents.ts';

interface PublishDeps {
  readonly db: Db;
  readonly clock: Clock;
}

interface PublishOrder {
  /** From when on it is in effect; now when left out. */
  readonly from?: Date | undefined;
  /** When left out: a notice, but `editorial` for the first text of the publisher's own, which changes nothing for anybody. */
  readonly change?: LegalChange | undefined;
  readonly actor: Actor;
}

interface NewText {
  readonly kind: LegalKind;
  readonly locale: string;
  readonly title: string;
  readonly markdown: string;
}

/**
 * Puts a new version in place of the current one, now or from a day to come; earlier versions stay, because consent
 * records name them.
 * @throws AppError `version_taken` when somebody published at the same moment, `document_unchanged`, `version_scheduled`,
 * `date_in_the_past`, `acceptance_of_privacy`.
 */
export async function publishDocument(deps: PublishDeps, input: NewText & PublishOrder): Promise<LegalDocument> {
  return deps.db.transaction().execute((tx) => publish(tx, deps, input));
}

/**
 * The same with a draft, which is gone afterwards: a second click finds none.
 * @throws AppError as `publishDocument`, `draft_changed`.
 */
export async function publishDraft(
  deps: PublishDeps,
  input: DraftKey & PublishOrder & { readonly revision: number },
): Promise<LegalDocument> {
  return deps.db.transaction().execute(async (tx) => {
    const draft = await deleteDraft(tx, input, input.revision);
    if (draft === undefined) {
      throw draftChanged();
    }
    const { kind, locale, title, markdown } = draft;
    const { from, change, actor } = input;
    return publish(tx, deps, { kind, locale, title, markdown, from, change, actor });
  });
}

async function publish(
  tx: Tx,
  deps: Pick<PublishDeps, 'clock'>,
  input: NewText & PublishOrder,
): Promise<LegalDocument> {
  const { kind, locale, actor } = input;
  const title = input.title.trim();
  const markdown = input.markdown.trim();
  refuseImpossible({ ...input, title, markdown }, deps.clock.now());
  if (!(await lockText(tx, input, 'skip'))) {
    throw versionTaken();
  }
  // Read under the lock, and so is the clock: versions take effect in the order of their numbers.
  const all = await selectAllDocuments(tx);
  const publishedAt = input.from ?? deps.clock.now();
  const versions = all.filter((document) => document.kind === kind && document.locale === locale);
  const hash = hashMarkdown(markdown);
  const newest = versions.find((document) => !document.isWithdrawn);
  refuseAgainst(newest, { title, hash, publishedAt });
  const hadOwn = all.some((document) => document.kind === kind && !document.isSample && !document.isWithdrawn);
  const document = await insertDocument(tx, {
    kind,
    locale,
    version: Math.max(0, ...versions.map(({ version }) => version)) + 1,
    title,
    markdown,
    hash,
    is_sample: await isShippedSample(markdown),
    change: input.change ?? (hadOwn ? 'notice' : 'editorial'),
    published_at: publishedAt,
  });
  if (document === undefined) {
    throw versionTaken();
  }
  await recordAudit(tx, {
    actor,
    action: 'legal_document.published',
    subjectKind: 'legal_document',
    subjectId: document.id,
    details: {
      kind,
      locale,
      version: document.version,
      hash: document.hash,
      from: publishedAt,
      change: document.change,
    },
  });
  return document;
}

function refuseImpossible({ kind, title, markdown, change, from }: NewText & PublishOrder, now: Date): void {
  if (title === '' || markdown === '') {
    const field = title === '' ? 'title' : 'markdown';
    const message = `Give it a ${title === '' ? 'title' : 'text'} before you publish it.`;
    throw inputError('text_incomplete', message, { fields: [{ field, code: 'too_small', message }] });
  }
  if (kind === 'privacy' && change === 'acceptance') {
    const message = 'A privacy notice informs; nobody has to accept it. Choose editorial or notice.';
    throw inputError('acceptance_of_privacy', message, { fields: [{ field: 'change', code: 'invalid', message }] });
  }
  if (from !== undefined && from < now) {
    const message = 'This moment is over. Choose one to come, or publish now.';
    throw inputError('date_in_the_past', message, { fields: [{ field: 'from', code: 'invalid', message }] });
  }
}

function refuseAgainst(
  newest: LegalDocument | undefined,
  next: { readonly title: string; readonly hash: Buffer; readonly publishedAt: Date },
): void {
  if (newest === undefined) {
    return;
  }
  if (newest.hash === next.hash.toString('hex') && newest.title === next.title) {
    throw conflict('document_unchanged', `Version ${newest.version} has exactly this text already.`);
  }
  if (newest.publishedAt > next.publishedAt) {
    throw conflict(
      'version_scheduled',
      `Version ${newest.version} takes effect on ${newest.publishedAt.toISOString()}. Withdraw it first, or publish from a later moment.`,
    );
  }
}

function versionTaken() {
  return conflict('version_taken', 'Another version was published at this moment. Look at it, then publish again.');
}
