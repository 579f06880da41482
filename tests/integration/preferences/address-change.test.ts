import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mailPreferences } from '../../../src/preferences/index.ts';
import { hashAddress } from '../../../src/shared/keyring.ts';
import type { AddressKey } from '../../../src/shared/email-address.ts';
import { decideSignups } from '../../../src/subscriptions/index.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import {
  becomeReader,
  get,
  lastRequestOf,
  mailsPlannedTo,
  post,
  press,
  signUp,
  statusesOf,
  subscriptionOf,
  tokenPath,
} from '../subscriptions/reader.ts';
import { askForLink, openVisit, recordsOf } from './visitor.ts';
import type { Visitor } from './visitor.ts';

const HOUR = 3_600_000;
const clock = createFakeClock();
let system: TestSystem;
let reader = 0;
let address: string;
let wanted: string;
let visitor: Visitor;

beforeAll(async () => {
  system = await startTestSystem({ worker: false, clock });
});
beforeEach(async () => {
  reader += 1;
  address = `reader-${reader}@example.org`;
  wanted = `Moved-${reader}@example.net`;
  await becomeReader(system, address);
  visitor = await openVisit(system, address);
});
afterAll(() => system.stop());

async function ask(to = wanted): Promise<Response> {
  const response = await visitor.post({ action: 'address', email: to });
  await mailPreferences(system.deps);
  return response;
}

/** The links of the newest change, as the two mails carry them. */
async function links(): Promise<{ readonly atNew: string; readonly atOld: string }> {
  const { id, old_cause_id: oldId } = await system.deps.db
    .selectFrom('address_changes')
    .select(['id', 'old_cause_id'])
    .where('subscriber_id', '=', visitor.subscriberId)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
  const path = (cause: number): string => tokenPath(system.deps, 'address', 'address-change', cause);
  return { atNew: path(id), atOld: path(oldId) };
}

const agree = (path: string): Promise<Response> => post(system, path, { answer: 'agree' });

async function addressNow(): Promise<string> {
  const row = await system.deps.db
    .selectFrom('subscribers')
    .select('address')
    .where('id', '=', visitor.subscriberId)
    .executeTakeFirstOrThrow();
  return row.address;
}

const systemMailsTo = async (to: string): Promise<number> =>
  (await mailsPlannedTo(system.deps, to)).filter((mail) => mail.startsWith('system:')).length;

describe('a new address', () => {
  it('counts when both mailboxes have agreed, whichever is first', async () => {
    expect((await ask()).headers.get('location')).toBe('/my?done=address_requested');
    const { atNew, atOld } = await links();

    const waiting = await (await agree(atNew)).text();
    expect(waiting).toContain('One mailbox is left');
    expect(waiting).toContain('r•••@example.org');
    expect(waiting).not.toContain(address);
    expect(await addressNow()).toBe(address);
    const done = await (await agree(atOld)).text();

    expect(done).toContain('The address has changed');
    expect(await addressNow()).toBe(wanted);
    expect(await statusesOf(system.deps, wanted)).toEqual(['the-weekly:active']);
    const row = await system.deps.db
      .selectFrom('subscribers')
      .select(['address_key', 'address_hash'])
      .where('id', '=', visitor.subscriberId)
      .executeTakeFirstOrThrow();
    expect(row.address_key).toBe(wanted.toLowerCase());
    expect(row.address_hash).toEqual(hashAddress(system.deps.keyring, wanted.toLowerCase() as AddressKey));
  });

  it('leaves a record for each mailbox, with the digest of its address and no value in it (R27)', async () => {
    await ask();
    const { atNew, atOld } = await links();
    await agree(atOld);
    await agree(atNew);

    expect((await recordsOf(system, visitor.subscriberId)).slice(1).map(({ details }) => details)).toEqual([
      { fields: ['address'], mailbox: 'old', addressChangeId: expect.any(Number) as number, isComplete: false },
      { fields: ['address'], mailbox: 'new', addressChangeId: expect.any(Number) as number, isComplete: true },
    ]);
    const { rows } = await sql<{ address: string; fits: boolean }>`
      select p.address, r.address_digest = sha256(p.address_salt || p.address::bytea) as fits
      from consent_records r join consent_personal p on p.record_id = r.id
      where r.subscriber_id = ${visitor.subscriberId} and r.action = 'changed' order by r.id`.execute(system.deps.db);
    expect(rows).toEqual([
      { address, fits: true },
      { address: wanted, fits: true },
    ]);
  });

  it('changes nothing when its links are opened, nor by a form that a script submits (R35, R36)', async () => {
    await ask();
    const { atNew, atOld } = await links();

    for (const path of [atNew, atOld]) {
      const answers = [await get(system, path), await get(system, path, 'HEAD'), await post(system, path)];
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
      expect(await answers[0]?.text()).not.toContain(address);
      expect((await post(system, path, { answer: 'maybe' })).status).toBe(422);
    }

    expect(await addressNow()).toBe(address);
    expect(await recordsOf(system, visitor.subscriberId)).toHaveLength(1);
  });

  it('is one change for double clicks and for both mailboxes at the same moment', async () => {
    await ask();
    const { atNew, atOld } = await links();

    const answers = await Promise.all([agree(atNew), agree(atOld), agree(atNew), agree(atOld)]);
    answers.push(await agree(atNew), await agree(atOld));

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await addressNow()).toBe(wanted);
    expect((await recordsOf(system, visitor.subscriberId)).filter(({ action }) => action === 'changed')).toHaveLength(
      2,
    );
  });

  it.each(['new', 'old'])('can be refused in the %s mailbox, also after the other has agreed', async (end) => {
    await ask();
    const { atNew, atOld } = await links();
    const [refusing, agreeing] = end === 'new' ? [atNew, atOld] : [atOld, atNew];
    await agree(agreeing);

    const refused = await post(system, refusing, { answer: 'refuse' });

    expect(await refused.text()).toContain('Everything stays as it is');
    expect(await (await agree(refusing)).text()).toContain('Everything stays as it is');
    await agree(agreeing);
    expect(await addressNow()).toBe(address);
  });

  it('has 24 hours, and a later wish replaces it', async () => {
    await ask();
    const first = await links();
    await ask(`other-${reader}@example.net`);

    expect((await agree(first.atNew)).status).toBe(410);
    expect((await agree(first.atOld)).status).toBe(410);
    const second = await links();
    await agree(second.atNew);
    clock.advance(24 * HOUR);
    expect((await agree(second.atOld)).status).toBe(410);
    expect(await addressNow()).toBe(address);
  });

  it('can be given up in the visit', async () => {
    await ask();
    expect(await (await visitor.get()).text()).toContain(wanted);

    await visitor.post({ action: 'keep-address' });

    const { atNew, atOld } = await links();
    await agree(atNew);
    await agree(atOld);
    expect(await addressNow()).toBe(address);
  });

  it('ends what the old address had proved: visits, links, requests and mails that are due', async () => {
    const link = await askForLink(system, address);
    await signUp(system, address, { newsletters: ['the-weekly'] });
    await ask();
    const { atNew, atOld } = await links();
    await agree(atNew);
    await agree(atOld);

    expect((await visitor.get()).status).toBe(401);
    expect((await post(system, link, { open: 'yes' })).status).toBe(410);
    await decideSignups(system.deps);
    expect(await systemMailsTo(wanted)).toBe(1);
    const open = (await mailsPlannedTo(system.deps, address)).filter((mail) => /:(?:planned|deferred)$/.test(mail));
    expect(open).toEqual([]);
    const { rows } =
      await sql`select distinct reason from deliveries where address = ${address} and state = 'cancelled'`.execute(
        system.deps.db,
      );
    expect(rows).toEqual([{ reason: 'address_changed' }]);
  });

  it('does not let a request of the old address be confirmed for the new one', async () => {
    const { id: subscriptionId } = await subscriptionOf(system.deps, address);
    await post(system, tokenPath(system.deps, 'unsubscribe', 'unsubscribe', subscriptionId));
    await signUp(system, address);
    await decideSignups(system.deps);
    const { id } = await lastRequestOf(system.deps, address);
    await ask();
    const { atNew, atOld } = await links();
    await agree(atNew);
    await agree(atOld);

    const response = await press(system, tokenPath(system.deps, 'confirm', 'confirm', id));

    expect(response.status).not.toBe(200);
    expect(await statusesOf(system.deps, wanted)).toEqual(['the-weekly:pending']);
  });
});

describe('an address that somebody has', () => {
  it('is told so in its own mailbox and nowhere else (S23)', async () => {
    const taken = `taken-${reader}@example.org`;
    await becomeReader(system, taken);
    const free = await openVisit(system, taken);

    const [toTaken, toFree] = [
      await ask(taken),
      await free.post({ action: 'address', email: `free-${reader}@example.org` }),
    ];
    await mailPreferences(system.deps);

    expect(toTaken.headers.get('location')).toBe(toFree.headers.get('location'));
    const { rows } = await sql<{ template: string; own: boolean }>`
      select m.template, d.subscriber_id = ${free.subscriberId} as own from deliveries d
      join compiled_mails m on m.id = d.compiled_mail_id
      where d.address = ${taken} and m.template like 'address-%' order by d.id`.execute(system.deps.db);
    expect(rows).toEqual([
      { template: 'address-taken', own: true },
      { template: 'address-agree', own: true },
    ]);
    expect(await systemMailsTo(address)).toBe(2);
  });

  it('goes to whoever was faster, and the change says so', async () => {
    await ask();
    const { atNew, atOld } = await links();
    await agree(atNew);
    await becomeReader(system, wanted);

    const response = await agree(atOld);

    expect(response.status).toBe(200);
    expect(await response.text()).toContain('This address cannot be used');
    expect(await addressNow()).toBe(address);
    expect(await (await agree(atNew)).text()).toContain('This address cannot be used');
    expect((await recordsOf(system, visitor.subscriberId)).filter(({ action }) => action === 'changed')).toHaveLength(
      1,
    );
  });
});

describe('what must not become a weapon', () => {
  async function suppress(to: string, reason: string): Promise<void> {
    const hash = hashAddress(system.deps.keyring, to.toLowerCase() as AddressKey);
    await sql`insert into suppressions (address_hash, address_hash_key_id, reason, source, created_at)
      values (${hash}, ${system.deps.keyring.signingKeyId}, ${reason}, 'test', now())`.execute(system.deps.db);
  }

  it.each(['manual', 'complaint', 'hard-bounce'])('mails nothing to an address that is closed: %s', async (reason) => {
    await suppress(wanted, reason);

    const response = await ask();

    expect(response.headers.get('location')).toBe('/my?done=address_requested');
    expect(await systemMailsTo(wanted)).toBe(0);
    expect(await systemMailsTo(address)).toBe(2);
  });

  it('lets the owner of an erased address say yes, which lifts it', async () => {
    await suppress(wanted, 'erasure');
    await ask();
    const { atNew, atOld } = await links();
    await agree(atOld);
    await agree(atNew);

    expect(await addressNow()).toBe(wanted);
    const { rows } = await sql`select 1 from suppressions x join subscribers s on s.address_hash = x.address_hash
      where s.id = ${visitor.subscriberId} and x.lifted_at is null`.execute(system.deps.db);
    expect(rows).toEqual([]);
  });

  it('asks about three addresses a day at most, and mails one stranger twice at most (R38)', async () => {
    const answers: number[] = [];
    for (let asked = 0; asked < 4; asked += 1) {
      answers.push((await ask(`stranger-${reader}@example.net`)).status);
    }
    expect(answers).toEqual([303, 303, 303, 422]);
    expect(await systemMailsTo(`stranger-${reader}@example.net`)).toBe(2);
    expect(await (await ask(wanted)).text()).toContain('Please try again tomorrow.');

    clock.advance(24 * HOUR);
    visitor = await openVisit(system, address);
    expect((await ask()).status).toBe(303);
  });

  it('refuses what is no address and the one they have, and shows what was typed', async () => {
    const odd = await ask('"><b>@x');
    expect(odd.status).toBe(422);
    expect(await odd.text()).toContain('value="&#34;&gt;&lt;b&gt;@x"');
    expect(await (await ask(address.toUpperCase())).text()).toContain('This is your address already.');
    expect((await ask(`a@example.org\r\nBcc: b@example.org`)).status).toBe(422);
    expect((await get(system, '/address/nonsense')).status).toBe(404);
    expect((await agree('/address/nonsense')).status).toBe(404);
  });
});
