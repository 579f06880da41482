import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cancelCampaign, pauseCampaign, resumeCampaign } from '../../../src/campaigns/index.ts';
import { countDeliveries } from '../../../src/deliveries/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { CampaignId } from '../../../src/shared/ids.ts';
import { makeDue } from '../../support/make-due.ts';
import { addReaders, sendTestCampaign } from '../../support/readers.ts';
import { startSmtpSink } from '../../support/smtp-sink.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { waitFor } from '../../support/wait-for.ts';

let system: TestSystem;

beforeEach(async () => {
  system = await startTestSystem();
});

afterEach(async () => {
  await system.stop();
});

async function statesOf(id: CampaignId): Promise<Record<string, number>> {
  const { rows } = await sql<{ state: string; count: number }>`
    select state || coalesce(':' || reason, '') as state, count(*) as count from deliveries where campaign_id = ${id} group by 1`.execute(
    system.deps.db,
  );
  return Object.fromEntries(rows.map((row) => [row.state, row.count]));
}

async function settled(id: CampaignId, open = 0): Promise<Record<string, number>> {
  await waitFor(
    `only ${open} deliveries to be open`,
    async () => (await countDeliveries(system.deps.db, id)).open === open,
    15_000,
  );
  return statesOf(id);
}

function acceptedRecipients(): readonly string[] {
  return system.sink.mails.filter((mail) => mail.outcome === 'accepted').flatMap((mail) => mail.recipients);
}

describe('the sending engine', () => {
  it('mails everybody in the frozen audience once and marks the campaign as sent', async () => {
    const newsletterId = await addReaders(system.deps, 60);

    const id = await sendTestCampaign(system.deps, newsletterId);

    expect(await settled(id)).toEqual({ accepted: 60 });
    expect([...acceptedRecipients()].sort()).toEqual(
      Array.from({ length: 60 }, (_, index) => `reader-${index + 1}@readers.example`).sort(),
    );
    await waitFor('the campaign to be sent', async () => {
      const row = await system.deps.db.selectFrom('campaigns').select('status').where('id', '=', id).executeTakeFirst();
      return row?.status === 'sent';
    });
  });

  it('puts every list header that R1, R4 and R5 ask for on the wire, with one Message-ID for each reader', async () => {
    const id = await sendTestCampaign(system.deps, await addReaders(system.deps, 2));
    await settled(id);

    const heads = system.sink.mails.map((mail) => mail.raw.toString('latin1').split('\r\n\r\n', 1)[0] ?? '');
    for (const head of heads) {
      const unfolded = head.replaceAll(/\r\n[ \t]+/g, ' ');
      expect(unfolded.match(/^List-Unsubscribe: <http[^>,]+>$/gim)).toHaveLength(1);
      expect(unfolded.match(/^List-Unsubscribe-Post: List-Unsubscribe=One-Click$/gim)).toHaveLength(1);
      expect(unfolded).toMatch(/^List-Id: "?The Weekly"? <the-weekly\.courant\.example>$/im);
      expect(unfolded).toMatch(/^Auto-Submitted: auto-generated$/im);
    }
    expect(new Set(heads.map((head) => /^Message-ID: (.*)$/im.exec(head)?.[1])).size).toBe(2);
  });

  it('turns away who left after the audience was frozen', async () => {
    const newsletterId = await addReaders(system.deps, 3);
    await sql`insert into settings (key, value) values ('kill_switch', '{}')`.execute(system.deps.db);
    const id = await sendTestCampaign(system.deps, newsletterId);
    await sql`update subscriptions set status = 'unsubscribed' where subscriber_id in
      (select id from subscribers where address like 'reader-2@%')`.execute(system.deps.db);
    await sql`delete from settings where key = 'kill_switch'`.execute(system.deps.db);
    system.deps.doorbell.ring('send-campaigns', {});

    expect(await settled(id)).toEqual({ accepted: 2, 'suppressed:not_active': 1 });
    expect(acceptedRecipients()).not.toContain('reader-2@readers.example');
  });

  it('defers on a 4xx, rejects on a 5xx, and suppresses an address that does not exist', async () => {
    system.sink.script((recipient) => {
      switch (recipient) {
        case 'reader-1@readers.example':
          return { kind: 'refuse-recipient', code: 450, text: '4.2.1 mailbox busy' };
        case 'reader-2@readers.example':
          return { kind: 'refuse-recipient', code: 550, text: '5.1.1 user unknown' };
        case 'reader-3@readers.example':
          return { kind: 'refuse-message', code: 554, text: '5.7.1 looks like spam' };
        default:
          return undefined;
      }
    });

    const id = await sendTestCampaign(system.deps, await addReaders(system.deps, 4));

    expect(await settled(id, 1)).toEqual({
      accepted: 1,
      'deferred:mailbox_busy': 1,
      'rejected:mailbox_unknown': 1,
      'rejected:message_refused': 1,
    });
    const suppressed = await sql<{ address: string; reason: string }>`
      select s.address, x.reason from suppressions x join subscribers s on s.address_hash = x.address_hash`.execute(
      system.deps.db,
    );
    expect(suppressed.rows).toEqual([{ address: 'reader-2@readers.example', reason: 'hard-bounce' }]);
    const due = await sql<{ minutes: number }>`
      select extract(epoch from due_at - now()) / 60 as minutes from deliveries where state = 'deferred'`.execute(
      system.deps.db,
    );
    expect(Number(due.rows[0]?.minutes)).toBeGreaterThan(25);
  });

  it('never sends again what was cut after the final dot, and lists it', async () => {
    system.sink.script((recipient) =>
      recipient === 'reader-2@readers.example' ? { kind: 'cut-after-dot' } : undefined,
    );

    const id = await sendTestCampaign(system.deps, await addReaders(system.deps, 3));

    expect(await settled(id)).toEqual({ accepted: 2, 'ambiguous:reply_never_came': 1 });
    const taken = system.sink.mails.filter((mail) => mail.recipients[0] === 'reader-2@readers.example');
    expect(taken).toHaveLength(1);
  });

  it('sends the same bytes again when it has to try twice', async () => {
    system.sink.script((_recipient, attempt) =>
      attempt === 1 ? { kind: 'refuse-message', code: 451, text: '4.3.0 later' } : undefined,
    );
    const id = await sendTestCampaign(system.deps, await addReaders(system.deps, 1));
    await waitFor('the first try', async () => (await statesOf(id))['deferred:relay_busy'] === 1);
    await makeDue(system.deps.db);
    system.deps.doorbell.ring('send-campaigns', {});
    await settled(id);

    const [first, second] = system.sink.mails;
    expect(second?.raw.equals(first?.raw ?? Buffer.alloc(0))).toBe(true);
  });

  it('waits for a relay that is down without touching a row, and goes on when it is back', async () => {
    const { port } = system.sink;
    await system.sink.stop();
    const id = await sendTestCampaign(system.deps, await addReaders(system.deps, 5));
    await waitFor('the outage to be noticed', async () => {
      const { rows } = await sql<{
        error: string | null;
      }>`select relay_error as error from workers where fenced_at is null`.execute(system.deps.db);
      return rows.some((row) => row.error !== null);
    });
    const rows = await system.deps.db
      .selectFrom('deliveries')
      .select(['state', 'attempt'])
      .where('campaign_id', '=', id)
      .execute();
    expect(rows.every((row) => row.attempt <= 1 && row.state === 'planned')).toBe(true);

    const sink = await startSmtpSink({ port });
    try {
      expect(await settled(id)).toEqual({ accepted: 5 });
      expect(sink.mails).toHaveLength(5);
    } finally {
      await sink.stop();
    }
  });

  it('stops within seconds when a campaign is paused, sends the rest after resume, and nothing after cancel', async () => {
    const release = Promise.withResolvers<undefined>();
    system.sink.script(() => ({ kind: 'hold-reply', until: release.promise }));
    const id = await sendTestCampaign(system.deps, await addReaders(system.deps, 80));
    await waitFor('messages under way', async () => (await statesOf(id))['dot_pending'] !== undefined);
    await pauseCampaign(system.deps, { id, actor: CLI_ACTOR });
    release.resolve(undefined);
    await waitFor('the lane to stand still', async () => {
      const { rows } =
        await sql`select 1 from delivery_blocks where campaign_id = ${id} and worker_id is not null`.execute(
          system.deps.db,
        );
      return rows.length === 0;
    });
    const paused = await countDeliveries(system.deps.db, id);
    expect(paused.accepted).toBeGreaterThan(0);
    expect(paused.open).toBeGreaterThan(0);

    await resumeCampaign(system.deps, { id, actor: CLI_ACTOR });
    await waitFor(
      'more to be accepted',
      async () => (await countDeliveries(system.deps.db, id)).accepted > paused.accepted,
    );
    await cancelCampaign(system.deps, { id, actor: CLI_ACTOR });
    await settled(id);

    const counts = await countDeliveries(system.deps.db, id);
    expect(counts.accepted + counts.cancelled).toBe(80);
    expect(new Set(acceptedRecipients()).size).toBe(acceptedRecipients().length);
  });
});
