import type { PersonalField } from '../consent/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import type { SubscriberId } from '../shared/ids.ts';
import { toDeclaration } from './declaration.ts';
import type { Declaration, EvidenceDocumentRef, EvidenceValue } from './evidence.ts';
import { readDocuments, readRecords } from './evidence.repository.ts';
import type { DocumentRow } from './evidence.repository.ts';
import { documentIdsOf, toReference } from './legal-references.ts';
import { readPersonRows } from './personal-data.repository.ts';
import type { PersonRows } from './personal-data.repository.ts';

/** Everything that is stored about one person, for the person (GDPR 15, 20). Instants are UTC. */
export interface PersonalData extends PersonRows {
  readonly format: 'courant-personal-data';
  readonly version: 1;
  readonly exportedAt: Date;
  readonly consent: readonly PersonalDeclaration[];
  readonly legalDocuments: readonly DocumentRow[];
}

interface PersonalDeclaration extends Omit<Declaration, PersonalField> {
  readonly address: string | null;
  readonly ip: string | null;
  readonly agent: string | null;
  readonly evidence: string | null;
}

/**
 * Reads all of it in one snapshot, so that nothing is told half before and half after a change. The person may see values that are
 * restricted for everybody else (GDPR 15 knows no such exception). Undefined for nobody. Tokens, salts and hashes are no data
 * about the person and would open doors to whoever finds the file: they stay out.
 */
export async function exportPersonalData(
  deps: { readonly db: Db; readonly clock: Clock; readonly config: { readonly publicUrl: string } },
  subscriberId: SubscriberId,
): Promise<PersonalData | undefined> {
  return deps.db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => {
      const rows = await readPersonRows(tx, subscriberId);
      if (rows === undefined) {
        return undefined;
      }
      const records = await readRecords(tx, [subscriberId]);
      const legalDocuments = await readDocuments(tx, documentIdsOf(records));
      const references = new Map<number, EvidenceDocumentRef>(
        legalDocuments.map((document) => [document.id, toReference(deps, document)]),
      );
      return {
        format: 'courant-personal-data',
        version: 1,
        exportedAt: deps.clock.now(),
        ...rows,
        consent: records.map((record) => plain(toDeclaration(record, records, references))),
        legalDocuments,
      };
    });
}

function plain(declaration: Declaration): PersonalDeclaration {
  const { address, ip, agent, evidence } = declaration;
  return {
    ...declaration,
    address: valueOf(address),
    ip: valueOf(ip),
    agent: valueOf(agent),
    evidence: valueOf(evidence),
  };
}

function valueOf(value: EvidenceValue): string | null {
  return value.state === 'kept' ? value.value : null;
}
