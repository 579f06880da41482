import { sql } from 'kysely';
import type { Deps } from '../../../src/compose.ts';
import { messageIdOf } from '../../../src/deliveries/index.ts';
import type { CampaignId, DeliveryId } from '../../../src/shared/ids.ts';
import { readToken } from '../../../src/shared/keyring.ts';
import type { Witness } from './witness.ts';

const FROM = { fromAddress: 'news@courant.example' };

interface LedgerRow {
  readonly id: DeliveryId;
  readonly address: string;
  readonly state: string;
  readonly keyId: number;
  readonly subscriberId: number;
  readonly subscriptionId: number;
  /** At some time. */
  readonly wasAmbiguous: boolean;
}

/** Addresses; all empty when the claim holds. */
export interface Verdict {
  /** Booked as accepted and not at the server (T3), or neither settled nor listed (T1). */
  readonly lost: readonly string[];
  /** At the server more than once without having been listed as ambiguous (T2). */
  readonly doubled: readonly string[];
  /** At the server, without being booked as accepted or ever as ambiguous (then `resend` may have met a reader who had left meanwhile). */
  readonly phantom: readonly string[];
  /** A mail whose envelope, headers, links and greeting are not all of one reader (T4), or whose second copy is not the same to the byte. */
  readonly mixed: readonly string[];
}

export interface Judgement {
  readonly verdict: Verdict;
  /** Listed as ambiguous now. */
  readonly ambiguous: readonly string[];
  /** Of those listed as ambiguous at some time, whoever has the mail twice. */
  readonly listedTwice: readonly string[];
}

export const CLEAN: Verdict = { lost: [], doubled: [], phantom: [], mixed: [] };

/** The sink's own log against the frozen audience and the ledger. */
export async function judge(deps: Deps, id: CampaignId, witnesses: readonly Witness[]): Promise<Judgement> {
  const rows = await readLedger(deps, id);
  const taken = Map.groupBy(witnesses, ({ recipient }) => recipient);
  const copies = ({ address }: LedgerRow): number => taken.get(address)?.length ?? 0;
  const audience = new Map(rows.map((row) => [row.address, row]));
  const addresses = (those: readonly LedgerRow[]): readonly string[] => those.map(({ address }) => address);
  const isSettled = ({ state }: LedgerRow): boolean => !['planned', 'deferred', 'dot_pending'].includes(state);
  const isBooked = ({ state }: LedgerRow): boolean => state === 'accepted' || state === 'ambiguous';
  return {
    verdict: {
      lost: addresses(rows.filter((row) => !isSettled(row) || (row.state === 'accepted' && copies(row) === 0))),
      doubled: addresses(rows.filter((row) => copies(row) > 1 && !row.wasAmbiguous)),
      phantom: [
        ...addresses(rows.filter((row) => copies(row) > 0 && !isBooked(row) && !row.wasAmbiguous)),
        ...[...taken.keys()].filter((recipient) => !audience.has(recipient)),
      ],
      mixed: [
        ...witnesses
          .filter((mail) => isMixed(deps, mail, audience.get(mail.recipient)))
          .map(({ recipient }) => recipient),
        ...[...taken].filter(([, mails]) => new Set(mails.map(({ sha256 }) => sha256)).size > 1).map(([to]) => to),
      ],
    },
    ambiguous: addresses(rows.filter(({ state }) => state === 'ambiguous')),
    listedTwice: addresses(rows.filter((row) => copies(row) > 1 && row.wasAmbiguous)),
  };
}

async function readLedger({ db }: Deps, id: CampaignId): Promise<readonly LedgerRow[]> {
  const { rows } = await sql<LedgerRow>`
    select d.id, d.address, d.state, d.key_id as "keyId", d.subscriber_id as "subscriberId", d.subscription_id as "subscriptionId",
      exists (select 1 from delivery_events e where e.delivery_id = d.id and e.event = 'ambiguous') as "wasAmbiguous"
    from deliveries d where d.campaign_id = ${id} order by d.id`.execute(db);
  return rows;
}

function isMixed({ keyring }: Deps, mail: Witness, row: LedgerRow | undefined): boolean {
  if (row === undefined) {
    return false;
  }
  const purposes = { unsubscribe: row.subscriptionId, preferences: row.subscriberId } as const;
  const areLinksTheirs = mail.links.every((link) => {
    const [path = '', token = ''] = link.split(' ');
    return (
      path in purposes &&
      readToken(keyring, path as keyof typeof purposes, token) === purposes[path as keyof typeof purposes]
    );
  });
  const isTheirs =
    mail.to === row.address &&
    mail.messageId === messageIdOf(row, FROM, keyring) &&
    mail.links.some((link) => link.startsWith('unsubscribe ')) &&
    areLinksTheirs &&
    mail.names.length === 1 &&
    mail.names[0] === `N${row.subscriberId}N`;
  return !isTheirs;
}
