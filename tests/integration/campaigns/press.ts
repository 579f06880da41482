import { loadMailTemplates } from '../../../src/rendering/index.ts';
import { createNewsletter, requireNewsletter, updateNewsletter } from '../../../src/newsletters/index.ts';
import type { Newsletter } from '../../../src/newsletters/index.ts';
import { createCampaign } from '../../../src/campaigns/index.ts';
import type { Campaign, StartDeps } from '../../../src/campaigns/index.ts';
import { createLogger } from '../../../src/platform/logging/index.ts';
import { openDatabase } from '../../../src/platform/postgres/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { parseEmailAddress } from '../../../src/shared/email-address.ts';
import type { ParsedAddress } from '../../../src/shared/email-address.ts';
import type { SubscriberId } from '../../../src/shared/ids.ts';
import { createKeyring, hashAddress } from '../../../src/shared/keyring.ts';
import { createTestDatabase } from '../../support/databases.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import type { FakeClock } from '../../support/fake-clock.ts';

const TEMPLATES = loadMailTemplates();

/** Everything that campaigns need, on a database of its own. */
export interface Press {
  readonly deps: StartDeps & { readonly clock: FakeClock };
  /** Names of the jobs that were rung, in order. */
  readonly rung: string[];
  readonly newsletter: Newsletter;
  addReaders(...addresses: string[]): Promise<readonly SubscriberId[]>;
  writeCampaign(source?: string): Promise<Campaign>;
  close(): Promise<void>;
}

export async function openPress(): Promise<Press> {
  const database = await createTestDatabase();
  const { db, close } = openDatabase(database.url, {
    log: createLogger('error', 'test'),
    name: 'campaigns-test',
    maxConnections: 5,
  });
  const rung: string[] = [];
  const deps = {
    db,
    clock: createFakeClock(),
    keyring: createKeyring(['a secret of the tests, long enough to pass']),
    doorbell: { ring: (name: string): void => void rung.push(name) },
    mailTemplates: TEMPLATES,
    config: { mailFrom: undefined, postalAddress: undefined, publicUrl: 'http://localhost:3000', smtpIsLoopback: true },
  };
  const { id } = await createNewsletter(deps, { name: 'The Weekly', postalAddress: '1 Harbour Street' }, CLI_ACTOR);
  const newsletter = await requireNewsletter(db, { id });
  return {
    deps,
    rung,
    newsletter,
    addReaders: (...addresses) => Promise.all(addresses.map((address) => addReaderTo(deps, newsletter, address))),
    writeCampaign: async (source = 'Hello {{ subscriber.name | default: "reader" }}.') => {
      const text = { subject: 'News', preheader: null, format: 'markdown' as const, source };
      const { campaign } = await createCampaign(deps, { ...text, newsletter: { id } }, CLI_ACTOR);
      return campaign;
    },
    close: async () => {
      await close();
      await database.drop();
    },
  };
}

export async function dropPostalAddress(press: Press): Promise<void> {
  await updateNewsletter(press.deps, press.newsletter.id, { postalAddress: null }, CLI_ACTOR);
}

export function addressOf(text: string): ParsedAddress {
  const parsed = parseEmailAddress(text);
  if (parsed === undefined) {
    throw new Error(`${text} is not an address`);
  }
  return parsed;
}

/** An active subscriber. */
export async function addReaderTo(
  deps: Pick<StartDeps, 'db' | 'clock' | 'keyring'>,
  newsletter: Newsletter,
  text: string,
): Promise<SubscriberId> {
  const { address, key } = addressOf(text);
  const now = deps.clock.now();
  const { id } = await deps.db
    .insertInto('subscribers')
    .values({
      address,
      address_key: key,
      address_hash: hashAddress(deps.keyring, key),
      address_hash_key_id: deps.keyring.signingKeyId,
      created_at: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await deps.db
    .insertInto('subscriptions')
    .values({ subscriber_id: id, newsletter_id: newsletter.id, status: 'active', requested_at: now, confirmed_at: now })
    .execute();
  return id;
}
