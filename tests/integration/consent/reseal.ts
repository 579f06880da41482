import { sql } from 'kysely';
import { hashRecord, hashRoot, hashSeal } from '../../../src/consent/chain.ts';
import { readLedger } from '../../../src/consent/ledger.repository.ts';
import type { Tx } from '../../../src/platform/postgres/index.ts';
import { signSeal } from '../../../src/shared/keyring.ts';
import type { Keyring } from '../../../src/shared/keyring.ts';

/**
 * Makes the chain anew over the records as they are now: what somebody does who has the database and our source. With `keyring` what
 * the publisher could do; without it the MACs stay as they were.
 */
export async function reseal(tx: Tx, keyring?: Keyring): Promise<void> {
  const seals = [];
  for await (const page of readLedger(tx)) {
    seals.push(...page.seals);
  }
  let previousHash: string | undefined;
  for (const { id, seal, entries } of seals) {
    if (seal === undefined) {
      throw new Error(`entries without seal ${id}`);
    }
    const hashes = entries.map(hashRecord);
    const statement = {
      ...seal,
      previousHash: previousHash ?? seal.previousHash,
      root: hashRoot(hashes),
      recordIds: entries.map(({ recordId }) => recordId).join(' '),
    };
    const hash = hashSeal(statement);
    const mac = keyring === undefined ? seal.mac : signSeal(keyring, Buffer.from(hash, 'hex'));
    await sql`update consent_seals set previous_hash = decode(${statement.previousHash}, 'hex'), root = decode(${statement.root}, 'hex'),
        hash = decode(${hash}, 'hex'), mac = ${mac}, record_count = ${entries.length},
        record_ids = ${entries.map(({ recordId }) => recordId)}::bigint[] where id = ${id}`.execute(tx);
    await sql`update consent_seal_entries e set record_hash = decode(t.hash, 'hex')
      from unnest(${entries.map(({ recordId }) => recordId)}::bigint[], ${hashes}::text[]) as t(id, hash) where e.record_id = t.id`.execute(
      tx,
    );
    previousHash = hash;
  }
}
