import { z } from 'zod';
import type { Db } from '../platform/postgres/index.ts';

const UNTRUSTED_PROXY = 'untrusted_proxy';
const noticeSchema = z.object({ seenAt: z.coerce.date() });

/** That a proxy named clients and TRUST_PROXY does not name the proxy. No address: what matters is the setting. */
export async function writeUntrustedProxy(db: Db, now: Date): Promise<void> {
  const value = JSON.stringify({ seenAt: now });
  await db
    .insertInto('settings')
    .values({ key: UNTRUSTED_PROXY, value, updated_at: now })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value, updated_at: now }))
    .execute();
}

export async function readUntrustedProxy(db: Db): Promise<Date | null> {
  const row = await db.selectFrom('settings').select('value').where('key', '=', UNTRUSTED_PROXY).executeTakeFirst();
  return row === undefined ? null : noticeSchema.parse(row.value).seenAt;
}
