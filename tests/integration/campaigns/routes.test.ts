import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { campaignsRoutes, startCampaign } from '../../../src/campaigns/index.ts';
import { createApp } from '../../../src/http/index.ts';
import { createLogger } from '../../../src/platform/logging/index.ts';
import type { Actor } from '../../../src/shared/actor.ts';
import type { CampaignId } from '../../../src/shared/ids.ts';
import { openPress } from './press.ts';
import type { Press } from './press.ts';

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

const TOKENS: Readonly<Record<string, Actor>> = {
  'Bearer writer': { kind: 'token', scopes: ['campaigns:read', 'campaigns:write'], label: 'token:1' },
  'Bearer reader': { kind: 'token', scopes: ['campaigns:read'], label: 'token:2' },
};

let press: Press;
let server: Server;

beforeAll(async () => {
  press = await openPress();
  await press.addReaders('ada@example.org', 'bo@example.org');
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
  server.close();
  await press.close();
});

async function call(method: string, path: string, body?: object, token = 'writer'): Promise<Answer> {
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Answer['body']) };
}

const text = { subject: 'News', format: 'markdown', source: 'Hello.' };
const writeDraft = async (): Promise<CampaignId> => {
  const { body } = await call('POST', '/campaigns', { ...text, newsletterId: press.newsletter.id });
  return body['id'] as CampaignId;
};

describe('/campaigns', () => {
  it('makes a draft, shows it, changes it and deletes it', async () => {
    const created = await call('POST', '/campaigns', {
      ...text,
      newsletter: press.newsletter.slug,
      preheader: 'Short',
    });
    expect(created).toEqual({
      status: 201,
      body: {
        id: expect.any(Number),
        kind: 'campaign',
        newsletterId: press.newsletter.id,
        newsletterName: 'The Weekly',
        subject: 'News',
        preheader: 'Short',
        format: 'markdown',
        source: 'Hello.',
        status: 'draft',
        startAt: null,
        frozenAt: null,
        audienceCount: null,
        finishedAt: null,
        ambiguousPolicy: 'hold',
        localAt: null,
        localTime: false,
        sendWindow: null,
        stopCode: null,
        stopMessage: null,
        createdAt: press.deps.clock.now().toISOString(),
        progress: null,
      },
    });
    const path = `/campaigns/${created.body['id'] as number}`;

    expect((await call('PATCH', path, { subject: 'Other' })).body).toMatchObject({
      subject: 'Other',
      preheader: 'Short',
    });
    expect((await call('GET', path)).body).toMatchObject({ subject: 'Other' });
    expect(await call('GET', `${path}/audience`)).toEqual({ status: 200, body: { count: 2 } });
    expect(await call('DELETE', path)).toEqual({ status: 204, body: {} });
    expect(await call('GET', path)).toMatchObject({ status: 404, body: { code: 'campaign_not_found' } });
  });

  it('answers 422 with the lines of what does not compile', async () => {
    const body = { ...text, newsletterId: press.newsletter.id, source: 'one\n\n{{ no.such }}' };

    expect(await call('POST', '/campaigns', body)).toMatchObject({
      status: 422,
      body: {
        code: 'merge_field_unknown',
        errors: [{ field: 'source', code: 'merge_field_unknown', message: expect.stringMatching(/^line 3: /) }],
      },
    });
  });

  it('lists newest first, without the text', async () => {
    const id = await writeDraft();

    const { body } = await call('GET', '/campaigns');

    expect(body).toMatchObject({ campaigns: [{ id, status: 'draft', progress: null }], nextCursor: null });
    expect((body['campaigns'] as object[])[0]).not.toHaveProperty('source');
  });

  it('lets a token that may only read neither write nor send', async () => {
    const id = await writeDraft();

    expect(await call('GET', `/campaigns/${id}`, undefined, 'reader')).toMatchObject({ status: 200 });
    for (const action of ['send', 'undo', 'pause', 'resume', 'cancel', 'test']) {
      expect(await call('POST', `/campaigns/${id}/${action}`, {}, 'reader')).toMatchObject({ status: 403 });
    }
    expect(await call('DELETE', `/campaigns/${id}`, undefined, 'reader')).toMatchObject({ status: 403 });
  });
});

describe('/campaigns/preview', () => {
  it('gives the mail as a reader gets it, while the subject is still empty too', async () => {
    const source = 'Hello {{ subscriber.name }}.';
    const { status, body } = await call('POST', '/campaigns/preview', {
      newsletterId: press.newsletter.id,
      subject: '',
      format: 'markdown',
      source,
    });

    expect(status).toBe(200);
    expect(body).toMatchObject({ subject: 'The Weekly', problems: [], bytes: expect.any(Number) });
    expect(body['html']).toContain('Hello Ada Okafor.');
    expect(body['text']).toContain('Hello Ada Okafor.');
  });

  it('says what is wrong and where', async () => {
    const input = {
      newsletterId: press.newsletter.id,
      subject: 'News',
      format: 'mjml',
      source: '<mjml>\n<mj-nope/></mjml>',
    };

    expect((await call('POST', '/campaigns/preview', input)).body).toMatchObject({
      html: '',
      bytes: 0,
      problems: expect.arrayContaining([{ code: 'mjml_invalid', line: 2, message: expect.any(String) }]),
    });
  });
});

describe('/campaigns/:id/send', () => {
  it('answers 409 with the new count when the audience is another one', async () => {
    const id = await writeDraft();

    expect(await call('POST', `/campaigns/${id}/send`, { expectedCount: 1 })).toMatchObject({
      status: 409,
      body: { code: 'audience_changed', count: 2 },
    });
  });

  it('schedules, is undone, starts, pauses, goes on and is cancelled', async () => {
    const id = await writeDraft();
    const act = (name: string, body?: object) => call('POST', `/campaigns/${id}/${name}`, body);

    expect((await act('send', { expectedCount: 2 })).body).toMatchObject({ status: 'scheduled' });
    expect((await act('undo')).body).toMatchObject({ status: 'draft' });
    expect((await act('send', { expectedCount: 2, immediately: true })).body).toMatchObject({
      startAt: press.deps.clock.now().toISOString(),
    });
    await startCampaign(press.deps, id);
    expect(await act('undo')).toMatchObject({ status: 409, body: { code: 'illegal_transition' } });
    expect((await act('pause')).body).toMatchObject({ status: 'paused' });
    expect((await act('resume')).body).toMatchObject({ status: 'sending' });
    expect((await act('cancel')).body).toMatchObject({
      status: 'cancelled',
      progress: { audience: 2, cancelled: 2, open: 0 },
    });
  });

  it('refuses a time that has passed, and two times at once', async () => {
    const id = await writeDraft();
    const send = (body: object) => call('POST', `/campaigns/${id}/send`, { expectedCount: 2, ...body });

    expect(await send({ at: '2020-01-01T00:00:00Z' })).toMatchObject({ status: 422, body: { code: 'start_in_past' } });
    expect(await send({ at: '2030-01-01T00:00:00+01:00', immediately: true })).toMatchObject({ status: 422 });
    expect((await send({ at: '2030-01-01T00:00:00+01:00' })).body).toMatchObject({
      status: 'scheduled',
      startAt: '2029-12-31T23:00:00.000Z',
    });
  });
});

it('answers 422 to a test mail for a stranger', async () => {
  const id = await writeDraft();

  expect(await call('POST', `/campaigns/${id}/test`, { to: 'stranger@example.org' })).toMatchObject({
    status: 422,
    body: { code: 'test_address_not_allowed', errors: [{ field: 'to' }] },
  });
});
