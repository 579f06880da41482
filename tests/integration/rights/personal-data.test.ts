import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiToken } from '../../../src/accounts/index.ts';
import { eraseSubscriber, exportPersonalData } from '../../../src/rights/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { Scope } from '../../../src/shared/actor.ts';
import type { SubscriberId } from '../../../src/shared/ids.ts';
import { suppressSubscribers } from '../../../src/suppressions/index.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { becomeReader, lastRequestOf, post, signUp, subscriptionOf, tokenPath } from '../subscriptions/reader.ts';

let system: TestSystem;
let subscriberId: SubscriberId;

beforeAll(async () => {
  system = await startTestSystem({ worker: false });
  await signUp(system, 'mary@readers.example', { name: 'Mary', locale: 'de' });
  await becomeReader(system, 'mary@readers.example');
  ({ subscriberId } = await lastRequestOf(system.deps, 'mary@readers.example'));
  const { id } = await subscriptionOf(system.deps, 'mary@readers.example');
  const leave = tokenPath(system.deps, 'unsubscribe', 'unsubscribe', id);
  await post(system, leave);
  await post(system, `${leave}/reason`, { reason: 'too-often', comment: 'weekly is enough' });
  await suppressSubscribers(system.deps.db, {
    subscriberIds: [subscriberId],
    reason: 'manual',
    source: 'test',
    now: system.deps.clock.now(),
  });
});
afterAll(() => system.stop());

async function ask(method: string, path: string, ...scopes: readonly Scope[]) {
  const { secret } = await createApiToken(system.deps, { name: 'test', scopes, expiresInDays: 1, actor: CLI_ACTOR });
  const response = await fetch(`${system.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
}

describe('the copy for the person', () => {
  it('holds everything that is stored about them (R32)', async () => {
    const data = await exportPersonalData(system.deps, subscriberId);

    expect(data).toMatchObject({
      format: 'courant-personal-data',
      subscriber: { address: 'mary@readers.example' },
      subscriptions: [
        { newsletter: 'The Weekly', status: 'unsubscribed', pausedUntil: null, sections: null, frequency: null },
      ],
      reasonsForLeaving: [{ newsletter: 'The Weekly', reason: 'too-often', comment: 'weekly is enough' }],
      suppressions: [{ reason: 'manual', liftedAt: null }],
      legalDocuments: expect.arrayContaining([
        expect.objectContaining({ kind: 'terms', version: 1, markdown: expect.any(String) }),
      ]),
    });
    expect(data?.signupRequests[0]).toMatchObject({ name: 'Mary', locale: 'de', newsletters: ['The Weekly'] });
    expect(data?.mails[0]).toMatchObject({ kind: 'confirm', address: 'mary@readers.example' });
    expect(data?.consent.map(({ action, address }) => [action, address])).toEqual(
      expect.arrayContaining([
        ['requested', 'mary@readers.example'],
        ['granted', 'mary@readers.example'],
        ['withdrawn', 'mary@readers.example'],
      ]),
    );
  });

  it('holds no token, no salt and no hash of the address', async () => {
    const text = JSON.stringify(await exportPersonalData(system.deps, subscriberId));
    const { id } = await lastRequestOf(system.deps, 'mary@readers.example');

    expect(text).not.toContain(tokenPath(system.deps, 'confirm', 'confirm', id));
    expect(text).not.toMatch(/"(?:salt|addressHash|address_hash)"/);
  });

  it('is given out with a scope of its own and an audit entry', async () => {
    expect((await ask('GET', `/subscribers/${subscriberId}/export`, 'subscribers:read')).status).toBe(403);

    const { status, body } = await ask('GET', `/subscribers/${subscriberId}/export`, 'evidence:read');

    expect(status).toBe(200);
    expect(body['subscriber']).toMatchObject({ address: 'mary@readers.example' });
    const audit = await system.deps.db
      .selectFrom('audit_log')
      .select('subject_id')
      .where('action', '=', 'subscriber.data_exported')
      .execute();
    expect(audit).toEqual([{ subject_id: String(subscriberId) }]);
  });

  it('is nothing for nobody', async () => {
    expect(await exportPersonalData(system.deps, 999_999 as SubscriberId)).toBeUndefined();
    expect((await ask('GET', '/subscribers/999999/export', 'evidence:read')).status).toBe(404);
  });
});

describe('DELETE /api/v1/subscribers/:id', () => {
  it('erases once, and then knows nobody', async () => {
    await becomeReader(system, 'gone@readers.example');
    const { subscriberId: id } = await lastRequestOf(system.deps, 'gone@readers.example');

    expect((await ask('DELETE', `/subscribers/${id}`, 'subscribers:read')).status).toBe(403);
    expect((await ask('DELETE', `/subscribers/${id}`, 'subscribers:write')).status).toBe(204);
    expect(await ask('DELETE', `/subscribers/${id}`, 'subscribers:write')).toMatchObject({
      status: 404,
      body: { code: 'subscriber_not_found' },
    });
    expect(await eraseSubscriber(system.deps, { subscriberId: id, actor: 'subscriber', method: 'button' })).toEqual({
      kind: 'gone',
    });
  });
});
