import type { DbOrTx } from '../platform/postgres/index.ts';
import type { SealedSecret } from '../shared/keyring.ts';
import type { DkimKey } from './dkim-key.ts';

export interface SealedDkimKey extends DkimKey {
  readonly sealed: SealedSecret;
}

const COLUMNS = [
  'id',
  'domain',
  'selector',
  'public_key as publicKey',
  'created_at as createdAt',
  'signs_from as signsFrom',
  'retired_at as retiredAt',
] as const;

/** All of them, oldest first: there are a handful per domain. */
export async function selectDkimKeys(db: DbOrTx): Promise<readonly DkimKey[]> {
  return db.selectFrom('dkim_keys').select(COLUMNS).orderBy('domain').orderBy('id').execute();
}

export async function selectSealedKeys(db: DbOrTx): Promise<readonly SealedDkimKey[]> {
  const rows = await db
    .selectFrom('dkim_keys')
    .select([...COLUMNS, 'sealed_private_key', 'key_id'])
    .orderBy('id')
    .execute();
  return rows.map(({ sealed_private_key: bytes, key_id: keyId, ...key }) => ({ ...key, sealed: { keyId, bytes } }));
}

/** Undefined when the domain has, or had, a key with this selector. */
export async function insertDkimKey(
  db: DbOrTx,
  key: Omit<SealedDkimKey, 'id' | 'retiredAt'>,
): Promise<DkimKey | undefined> {
  return db
    .insertInto('dkim_keys')
    .values({
      domain: key.domain,
      selector: key.selector,
      public_key: key.publicKey,
      sealed_private_key: key.sealed.bytes,
      key_id: key.sealed.keyId,
      created_at: key.createdAt,
      signs_from: key.signsFrom,
      retired_at: null,
    })
    .onConflict((conflict) => conflict.columns(['domain', 'selector']).doNothing())
    .returning(COLUMNS)
    .executeTakeFirst();
}

/** Undefined when there is no such key, or it was retired before. */
export async function updateRetired(
  db: DbOrTx,
  key: { readonly domain: string; readonly selector: string; readonly retiredAt: Date },
): Promise<DkimKey | undefined> {
  return db
    .updateTable('dkim_keys')
    .set({ retired_at: key.retiredAt })
    .where('domain', '=', key.domain)
    .where('selector', '=', key.selector)
    .where('retired_at', 'is', null)
    .returning(COLUMNS)
    .executeTakeFirst();
}
