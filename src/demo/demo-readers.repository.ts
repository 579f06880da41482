import { sql } from 'kysely';
import type { Db } from '../platform/postgres/index.ts';
import type { AddressKey } from '../shared/email-address.ts';
import type { NewsletterId } from '../shared/ids.ts';
import { hashAddress } from '../shared/keyring.ts';
import type { Keyring } from '../shared/keyring.ts';

/** Readers who have confirmed, at a domain that nobody can have (RFC 2606), for a database that is thrown away. */
export async function insertDemoReaders(
  { db, keyring }: { readonly db: Db; readonly keyring: Keyring },
  readers: { readonly newsletterId: NewsletterId; readonly count: number; readonly now: Date },
): Promise<void> {
  const addresses = Array.from({ length: readers.count }, (_, index) => `reader-${index + 1}@readers.example`);
  const hashes = addresses.map((address) => hashAddress(keyring, address as AddressKey));
  await sql`
    with s as (
      insert into subscribers (address, address_key, address_hash, address_hash_key_id, created_at)
      select a, a, h, ${keyring.signingKeyId}, ${readers.now} from unnest(${addresses}::text[], ${hashes}::bytea[]) as t(a, h) returning id
    )
    insert into subscriptions (subscriber_id, newsletter_id, status, requested_at, confirmed_at)
    select id, ${readers.newsletterId}, 'active', ${readers.now}, ${readers.now} from s`.execute(db);
}

export interface DemoDelivery {
  readonly address: string;
  readonly state: string;
}

export async function readDemoLedger(db: Db): Promise<readonly DemoDelivery[]> {
  const { rows } = await sql<DemoDelivery>`select address, state from deliveries where campaign_id is not null`.execute(
    db,
  );
  return rows;
}
