import type { DbOrTx, Tx } from '../platform/postgres/index.ts';

const KEY = 'bounce_limits';

export async function selectLimits(db: DbOrTx): Promise<unknown> {
  const row = await db.selectFrom('settings').select('value').where('key', '=', KEY).executeTakeFirst();
  return row?.value;
}

export async function storeLimits(tx: Tx, limits: object, now: Date): Promise<void> {
  const row = { value: JSON.stringify(limits), updated_at: now };
  await tx
    .insertInto('settings')
    .values({ key: KEY, ...row })
    .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
    .execute();
}
