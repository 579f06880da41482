import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { changeBounceLimits } from '../../../src/bounce-limits/index.ts';
import { suppressAfterRejections } from '../../../src/sending/replies/suppress-after-rejections.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { SubscriberId } from '../../../src/shared/ids.ts';
import { openPress } from '../campaigns/press.ts';
import type { Press } from '../campaigns/press.ts';

const DAY_MS = 86_400_000;

let press: Press;
let reader: SubscriberId;
let address: string;
let mails = 0;

beforeAll(async () => {
  press = await openPress();
});
beforeEach(async () => {
  mails += 1;
  address = `reader-${mails}@example.org`;
  [reader = (0 as SubscriberId)] = await press.addReaders(address);
});
afterAll(() => press.close());

/** A mail that ended so many days ago. */
async function mailed(end: {
  readonly state: 'accepted' | 'rejected';
  readonly reason?: string;
  readonly daysAgo: number;
  readonly to?: string;
}) {
  const at = new Date(press.deps.clock.now().getTime() - end.daysAgo * DAY_MS);
  mails += 1;
  const row = { kind: 'welcome' as const, cause_id: mails, key_id: 1, compiled_mail_id: 1, attempt: 1 };
  await press.deps.db
    .insertInto('deliveries')
    .values({
      ...row,
      state: end.state,
      reason: end.reason ?? null,
      address: end.to ?? address,
      subscriber_id: reader,
      newsletter_id: press.newsletter.id,
      due_at: at,
      give_up_at: at,
      settled_at: at,
      created_at: at,
    })
    .execute();
}

/** A mail is refused now; the row, then what follows, as the engine does it. */
async function refuse(reason: string): Promise<boolean> {
  await mailed({ state: 'rejected', reason, daysAgo: 0 });
  await suppressAfterRejections(press.deps.db, [{ subscriberId: reader, reason }], press.deps.clock.now());
  return isSuppressed();
}

async function isSuppressed(): Promise<boolean> {
  const open = await press.deps.db
    .selectFrom('suppressions as x')
    .innerJoin('subscribers as s', 's.address_hash', 'x.address_hash')
    .where('s.id', '=', reader)
    .where('x.reason', '=', 'hard-bounce')
    .where('x.lifted_at', 'is', null)
    .select('x.id')
    .execute();
  return open.length > 0;
}

describe('an address is closed', () => {
  it('at once when the server says by code that nobody is there', async () => {
    expect(await refuse('mailbox_unknown')).toBe(true);
  });

  it('at the second time when it says so in words only', async () => {
    expect(await refuse('mailbox_unknown_in_words')).toBe(false);
    expect(await refuse('mailbox_unknown_in_words')).toBe(true);
  });

  it.each(['mailbox_full', 'mailbox_disabled', 'undeliverable_for_now', 'refused'])(
    'at the third %s within 30 days',
    async (reason) => {
      await mailed({ state: 'rejected', reason, daysAgo: 29 });
      expect(await refuse(reason)).toBe(false);
      expect(await refuse(reason)).toBe(true);
    },
  );

  it('also when the soft refusals were of different kinds', async () => {
    await mailed({ state: 'rejected', reason: 'mailbox_full', daysAgo: 14 });
    await mailed({ state: 'rejected', reason: 'mailbox_disabled', daysAgo: 7 });
    expect(await refuse('refused')).toBe(true);
  });

  it('after as many failures and days as the installation says', async () => {
    await changeBounceLimits(press.deps, { softFailures: 2, softDays: 7 }, CLI_ACTOR);
    await mailed({ state: 'rejected', reason: 'mailbox_full', daysAgo: 8 });
    expect(await refuse('mailbox_full')).toBe(false);
    expect(await refuse('mailbox_full')).toBe(true);
    await changeBounceLimits(press.deps, { softFailures: 3, softDays: 30 }, CLI_ACTOR);
  });
});

describe('an address stays open', () => {
  it('when a mail was accepted in between', async () => {
    await mailed({ state: 'rejected', reason: 'mailbox_full', daysAgo: 10 });
    await mailed({ state: 'rejected', reason: 'mailbox_full', daysAgo: 9 });
    await mailed({ state: 'accepted', daysAgo: 8 });
    expect(await refuse('mailbox_full')).toBe(false);
  });

  it('when the failures are longer ago than 30 days', async () => {
    await mailed({ state: 'rejected', reason: 'mailbox_full', daysAgo: 31 });
    await mailed({ state: 'rejected', reason: 'mailbox_full', daysAgo: 32 });
    expect(await refuse('mailbox_full')).toBe(false);
  });

  it('when the failures were those of the address the reader had before', async () => {
    for (const daysAgo of [3, 2]) {
      await mailed({ state: 'rejected', reason: 'mailbox_full', daysAgo, to: 'old@example.org' });
    }
    expect(await refuse('mailbox_full')).toBe(false);
  });

  it.each([
    'message_refused',
    'refused_unauthenticated',
    'message_too_large',
    'protocol_error',
    'expired',
    'render_failed',
  ])('however often a mail ended with %s, which is not about the reader', async (reason) => {
    for (const daysAgo of [4, 3, 2, 1]) {
      await mailed({ state: 'rejected', reason, daysAgo });
    }
    expect(await refuse(reason)).toBe(false);
  });

  it('when the mail was to nobody we know', async () => {
    await suppressAfterRejections(
      press.deps.db,
      [{ subscriberId: null, reason: 'mailbox_unknown' }],
      press.deps.clock.now(),
    );
    expect(await isSuppressed()).toBe(false);
  });
});
