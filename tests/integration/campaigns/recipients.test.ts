import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parse } from 'csv-parse/sync';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { campaignsRoutes } from '../../../src/campaigns/index.ts';
import { createApp } from '../../../src/http/index.ts';
import { createLogger } from '../../../src/platform/logging/index.ts';
import type { Actor } from '../../../src/shared/actor.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { CampaignId } from '../../../src/shared/ids.ts';
import { openPress } from './press.ts';
import type { Press } from './press.ts';
import { sendWithOutcomes, statesOf } from './outcomes.ts';
import type { Outcome } from './outcomes.ts';

const TOKENS: Readonly<Record<string, Actor>> = {
  'Bearer all': CLI_ACTOR,
  'Bearer writer': { kind: 'token', scopes: ['campaigns:read', 'campaigns:write'], label: 'token:1' },
  'Bearer reader': { kind: 'token', scopes: ['campaigns:read', 'subscribers:read'], label: 'token:2' },
};
/** What a server may say (S9, S12). */
const HOSTILE = '=HYPERLINK("http://evil.example") <script>alert(1)</script>\r\nBcc: all@example.org';
const OUTCOMES: Readonly<Record<string, Outcome>> = {
  'ada@example.org': { state: 'accepted' },
  'bo@example.org': { state: 'rejected', reason: 'mailbox_full', words: HOSTILE },
  'cy@example.org': { state: 'deferred', reason: 'greylisted', words: '451 later' },
  'di@example.org': { state: 'ambiguous', reason: 'reply_never_came' },
  'ed@example.org': { state: 'ambiguous', reason: 'reply_never_came' },
};

let press: Press;
let server: Server;
let id: CampaignId;

beforeAll(async () => {
  press = await openPress();
  for (const address of Object.keys(OUTCOMES)) {
    await press.addReaders(address);
  }
  id = await sendWithOutcomes(press, OUTCOMES, 'paused');
  const app = createApp({
    log: createLogger('silent', 'test'),
    publicUrl: 'http://localhost:3000',
    trustProxy: false,
    authenticate: (req) => Promise.resolve(TOKENS[req.get('authorization') ?? '']),
    apiRoutes: campaignsRoutes(press.deps),
    routers: [],
  });
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await press.close();
});

async function request(method: string, path: string, body?: object, token = 'all'): Promise<Response> {
  const { port } = server.address() as AddressInfo;
  return fetch(`http://127.0.0.1:${port}/api/v1/campaigns/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

interface Recipients {
  readonly deliveries: readonly Record<string, unknown>[];
  readonly nextCursor: number | null;
}

async function list(query: string): Promise<Recipients> {
  return (await (await request('GET', `${id}/deliveries?${query}`)).json()) as Recipients;
}

const addressesOf = ({ deliveries }: Recipients) => deliveries.map(({ address }) => address);

describe('GET /campaigns/:id/deliveries', () => {
  it('tells of each mail what became of it, when, why, and in whose words', async () => {
    const { deliveries, nextCursor } = await list('');

    expect(nextCursor).toBeNull();
    expect(addressesOf({ deliveries, nextCursor })).toEqual(Object.keys(OUTCOMES));
    expect(deliveries[1]).toEqual({
      deliveryId: expect.any(Number),
      subscriberId: expect.any(Number),
      address: 'bo@example.org',
      state: 'rejected',
      reason: 'mailbox_full',
      attempt: 1,
      replyCode: null,
      enhancedCode: null,
      serverWords: HOSTILE,
      dotAt: expect.any(String),
      settledAt: expect.any(String),
      dueAt: null,
    });
    expect(deliveries[2]).toMatchObject({ state: 'deferred', settledAt: null, dueAt: expect.any(String) });
  });

  it('finds one by exact address, by state, and nobody who is not there', async () => {
    expect(addressesOf(await list('q=Bo%40EXAMPLE.org'))).toEqual(['bo@example.org']);
    expect(addressesOf(await list('q=bo'))).toEqual([]);
    expect(addressesOf(await list('q=stranger%40example.org'))).toEqual([]);
    expect(addressesOf(await list('state=open'))).toEqual(['cy@example.org']);
    expect(addressesOf(await list('state=ambiguous'))).toEqual(['di@example.org', 'ed@example.org']);
    expect((await request('GET', `${id}/deliveries?state=lost`)).status).toBe(422);
    expect((await request('GET', '999999/deliveries')).status).toBe(404);
  });

  it('finds by the address that the mail went to, also when the reader has another one by now', async () => {
    const { db } = press.deps;
    const move = (from: string, to: string) =>
      db.updateTable('subscribers').set({ address: to, address_key: to }).where('address', '=', from).execute();
    await move('ada@example.org', 'ada@new.example');

    expect(addressesOf(await list('q=ada%40example.org'))).toEqual(['ada@example.org']);
    expect(addressesOf(await list('q=ada%40new.example'))).toEqual(['ada@example.org']);

    await move('ada@new.example', 'ada@example.org');
  });

  it('tells the story of one mail, with its Message-ID', async () => {
    const [first] = (await list('state=rejected')).deliveries;
    const story = await request('GET', `${id}/deliveries/${String(first?.['deliveryId'])}`);

    expect(await story.json()).toMatchObject({
      address: 'bo@example.org',
      messageId: expect.stringMatching(/^<[\w-]+@[\w.]+>$/),
      events: [{ attempt: 1, event: 'rejected', serverWords: HOSTILE, resolution: null }],
    });
    expect((await request('GET', `${id}/deliveries/999999`)).status).toBe(404);
  });

  it('is closed to tokens that may not see addresses', async () => {
    for (const path of ['deliveries', 'deliveries.csv', 'deliveries/1', 'ambiguous']) {
      expect((await request('GET', `${id}/${path}`, undefined, 'writer')).status).toBe(403);
    }
    for (const path of ['retry', 'resolve']) {
      expect((await request('POST', `${id}/${path}`, {}, 'reader')).status).toBe(403);
    }
  });
});

describe('GET /campaigns/:id/deliveries.csv', () => {
  it('holds everybody once, with no cell that a spreadsheet would run, and is on record (S12)', async () => {
    const response = await request('GET', `${id}/deliveries.csv`);

    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('content-disposition')).toContain(`campaign-${id}-recipients.csv`);
    const [header, ...lines] = parse(await response.text());
    expect(header?.slice(0, 3)).toEqual(['email', 'state', 'reason']);
    expect(lines.map(([address]) => address)).toEqual(Object.keys(OUTCOMES));
    expect(lines[1]?.[5]).toBe(`'${HOSTILE}`);
    const audit = await press.deps.db.selectFrom('audit_log').selectAll().orderBy('id', 'desc').executeTakeFirst();
    expect(audit).toMatchObject({ action: 'campaign.recipients_exported', subject_id: String(id), actor: 'cli' });
  });

  it('answers 404 as a problem, before any line', async () => {
    const response = await request('GET', '999999/deliveries.csv');

    expect([response.status, await response.json()]).toMatchObject([404, { code: 'campaign_not_found' }]);
  });
});

describe('deciding by the API', () => {
  it('lists what is ambiguous with what a relay logs, and takes a decision about each', async () => {
    const { deliveries } = (await (await request('GET', `${id}/ambiguous`)).json()) as Recipients;
    expect(deliveries).toMatchObject([
      { address: 'di@example.org', attempt: 1, dotAt: expect.any(String), messageId: expect.stringContaining('@') },
      { address: 'ed@example.org' },
    ]);

    const unclear = await request('POST', `${id}/resolve`, { resolution: 'accepted' });
    expect([unclear.status, await unclear.json()]).toMatchObject([422, { errors: [{ code: 'choice_unclear' }] }]);
    const deliveryIds = [deliveries[0]?.['deliveryId']];
    const resolved = await request('POST', `${id}/resolve`, { resolution: 'accepted', deliveryIds });
    expect(await resolved.json()).toMatchObject({ resolved: 1, campaign: { progress: { accepted: 2, ambiguous: 1 } } });
    const to = ['ed@example.org'];
    expect((await request('POST', `${id}/resolve`, { resolution: 'rejected', to })).status).toBe(200);
    const again = await request('POST', `${id}/resolve`, { resolution: 'resend', all: true });
    expect([again.status, await again.json()]).toMatchObject([409, { code: 'nothing_ambiguous' }]);
  });

  it('says how many a retry would mail, and mails them', async () => {
    expect(await (await request('GET', `${id}/retry?state=rejected`)).json()).toEqual({ count: 2 });
    const retried = await request('POST', `${id}/retry`, { state: 'rejected' });
    expect(await retried.json()).toMatchObject({
      retried: 2,
      campaign: { status: 'paused', progress: { rejected: 0 } },
    });
    expect(await statesOf(press, id)).toMatchObject({ 'bo@example.org': 'planned', 'ed@example.org': 'planned' });
  });
});

it('goes through a large audience page by page and gives everybody once', async () => {
  const many = await sql<{ id: CampaignId }>`
    with c as (
      insert into campaigns (kind, newsletter_id, subject, source_format, source, status, frozen_at, audience_count, created_by, created_at, updated_at)
      values ('campaign', ${press.newsletter.id}, 'Many', 'markdown', 'x', 'sent', now(), 12000, 'test', now(), now()) returning id
    ),
    d as (
      insert into deliveries (kind, state, address, key_id, compiled_mail_id, campaign_id, subscriber_id, newsletter_id, due_at, give_up_at, created_at)
      select 'campaign', case when i % 6000 = 0 then 'rejected' else 'accepted' end, 'r' || i || '@many.example', 1,
        (select min(id) from compiled_mails), c.id, 1000000 + i, ${press.newsletter.id}, now(), now(), now()
      from c, generate_series(1, 12000) i
    )
    select id from c`.execute(press.deps.db);
  const large = many.rows[0]?.id ?? (0 as CampaignId);

  const lines = parse(await (await request('GET', `${large}/deliveries.csv`)).text()).slice(1);
  expect(new Set(lines.map(([address]) => address)).size).toBe(12_000);
  const rare = (await (await request('GET', `${large}/deliveries?state=rejected`)).json()) as Recipients;
  expect(addressesOf(rare)).toEqual(['r6000@many.example', 'r12000@many.example']);
  const first = (await (await request('GET', `${large}/deliveries`)).json()) as Recipients;
  const second = (await (
    await request('GET', `${large}/deliveries?cursor=${String(first.nextCursor)}`)
  ).json()) as Recipients;
  expect([addressesOf(first).at(-1), addressesOf(second)[0]]).toEqual(['r50@many.example', 'r51@many.example']);
});
