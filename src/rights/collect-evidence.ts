import { recordAudit } from '../audit/index.ts';
import { readChainProof } from '../consent/index.ts';
import type { Db, Tx } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import { notFound } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import type { ParsedAddress } from '../shared/email-address.ts';
import type { SubscriberId } from '../shared/ids.ts';
import { hashesOf } from '../suppressions/index.ts';
import { toDeclaration } from './declaration.ts';
import { HOW_TO_CHECK } from './evidence.ts';
import type { Evidence, EvidenceMail } from './evidence.ts';
import { readDocuments, readMails, readRecords } from './evidence.repository.ts';
import type { MailRow, RecordRow } from './evidence.repository.ts';
import {
  findLivesOfAddress,
  findLivesOfSubscriber,
  readCurrentLife,
  readErasures,
  readHashes,
  readSuppressions,
} from './find-person.repository.ts';
import { documentIdsOf, toReference } from './legal-references.ts';
import { createMessageRebuilder } from './rebuild-message.ts';
import type { RebuildDeps } from './rebuild-message.ts';

export interface EvidenceDeps extends RebuildDeps {
  readonly db: Db;
  readonly clock: Clock;
}

/** Whose evidence: an id, also of somebody who was erased, or an address that somebody names. */
export type Subject =
  | { readonly kind: 'subscriber'; readonly id: SubscriberId }
  | { readonly kind: 'address'; readonly address: ParsedAddress };

/**
 * The whole story of one person in one snapshot, with the proof that each record is in the chain. It shows values that are
 * restricted everywhere else, so each time is written to the audit log first.
 * @throws AppError `evidence_not_found` when nothing is known of the person, `subscriber_not_found` for an id.
 */
export async function collectEvidence(deps: EvidenceDeps, subject: Subject, actor: Actor): Promise<Evidence> {
  const hashes = subject.kind === 'address' ? hashesOf(deps.keyring, subject.address) : [];
  const ids = await findLives(deps.db, subject, hashes);
  const collected = await deps.db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (tx) => {
      await recordAudit(tx, {
        actor,
        action: 'evidence.exported',
        subjectKind: 'subscriber',
        subjectId: ids.at(-1) ?? null,
        details: { subscriberIds: ids },
      });
      return readEverything(deps, tx, ids, hashes);
    });
  const { records, documents, mails, chain, person } = collected;
  if (ids.length === 0 && person.suppressions.length === 0) {
    throw notFound('evidence_not_found', 'Nothing is known of this address: it never signed up, or is forgotten.');
  }
  const references = new Map(documents.map((document) => [document.id, toReference(deps, document)]));
  const address = person.current?.address ?? addressOf(records, undefined);
  return {
    format: 'courant-evidence',
    version: 1,
    exportedAt: deps.clock.now(),
    exportedBy: actor.label,
    publicUrl: deps.config.publicUrl,
    person: {
      address: subject.kind === 'address' ? subject.address.address : (address ?? null),
      subscriberIds: ids,
      current: person.current === undefined ? null : withoutAddress(person.current),
      erasures: person.erasures,
      suppressions: person.suppressions,
    },
    declarations: records.map((record) => toDeclaration(record, records, references)),
    documents: documents.map((document) => ({ ...toReference(deps, document), markdown: document.markdown })),
    mails: await rebuildMails(deps, mails, records),
    chain,
    howToCheck: HOW_TO_CHECK,
  };
}

async function findLives(db: Db, subject: Subject, hashes: readonly Buffer[]): Promise<readonly SubscriberId[]> {
  if (subject.kind === 'address') {
    return findLivesOfAddress(db, subject.address, hashes);
  }
  const ids = await findLivesOfSubscriber(db, subject.id);
  if (ids.length === 0) {
    throw notFound('subscriber_not_found', 'There is no such subscriber.');
  }
  return ids;
}

async function readEverything(deps: EvidenceDeps, tx: Tx, ids: readonly SubscriberId[], hashes: readonly Buffer[]) {
  const records = await readRecords(tx, ids);
  return {
    records,
    documents: await readDocuments(tx, documentIdsOf(records)),
    mails: await readMails(tx, ids, deps.clock.now()),
    chain: await readChainProof(tx, ids),
    person: {
      current: await readCurrentLife(tx, ids),
      erasures: await readErasures(tx, ids),
      suppressions: await readSuppressions(tx, [...hashes, ...(await readHashes(tx, ids))]),
    },
  };
}

function withoutAddress<Person extends { readonly address: string }>({ address: _address, ...person }: Person) {
  return person;
}

async function rebuildMails(
  deps: EvidenceDeps,
  mails: readonly MailRow[],
  records: readonly RecordRow[],
): Promise<readonly EvidenceMail[]> {
  const rebuild = createMessageRebuilder(deps);
  return Promise.all(
    mails.map(async (mail) => {
      const {
        address,
        subscriberId: _subscriberId,
        keyId: _keyId,
        compiledMailId: _compiledMailId,
        newsletterId: _newsletterId,
        causeId: _causeId,
        giveUpAt: _giveUpAt,
        signupRequestId,
        openUntil: _openUntil,
        ...told
      } = mail;
      return { ...told, message: await rebuild(mail, address === '' ? addressOf(records, signupRequestId) : address) };
    }),
  );
}

/** What the values behind the records still say: the address of one sign-up, or of the newest record. */
function addressOf(records: readonly RecordRow[], signupRequestId: number | null | undefined): string | undefined {
  const known = records.filter(
    (record) =>
      record.address !== null && (signupRequestId === undefined || record.signupRequestId === signupRequestId),
  );
  return known.at(-1)?.address ?? undefined;
}
