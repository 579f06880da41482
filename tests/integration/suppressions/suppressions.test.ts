import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiToken } from '../../../src/accounts/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { parseEmailAddress } from '../../../src/shared/email-address.ts';
import type { ParsedAddress } from '../../../src/shared/email-address.ts';
import { createKeyring, hashAddress } from '../../../src/shared/keyring.ts';
import { decideSignups } from '../../../src/subscriptions/index.ts';
import { findSuppressions, suppressAddress, suppressSubscribers } from '../../../src/suppressions/index.ts';
import type { SuppressionReason } from '../../../src/suppressions/index.ts';
import { startTestSystem, TEST_SECRET } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { becomeReader, lastRequestOf, mailsPlannedTo, signUp } from '../subscriptions/reader.ts';

let system: TestSystem;
let token: string;

beforeAll(async () => {
  system = await startTestSystem({ worker: false });
  const scopes = ['subscribers:read', 'subscribers:write'] as const;
  token = (await createApiToken(system.deps, { name: 'test', scopes, expiresInDays: 1, actor: CLI_ACTOR })).secret;
});
afterAll(() => system.stop());

async function ask(method: string, path: string, body?: unknown) {
  const response = await fetch(`${system.url}/api/v1/suppressions${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
}

async function openOf(email: string): Promise<readonly Record<string, unknown>[]> {
  const { body } = await ask('POST', '/search', { email });
  return body['suppressions'] as Record<string, unknown>[];
}

function parse(address: string): ParsedAddress {
  const parsed = parseEmailAddress(address);
  if (parsed === undefined) {
    throw new Error(`not an address: ${address}`);
  }
  return parsed;
}

async function close(address: string, reason: SuppressionReason): Promise<number> {
  await becomeReader(system, address);
  const { subscriberId } = await lastRequestOf(system.deps, address);
  await suppressSubscribers(system.deps.db, {
    subscriberIds: [subscriberId],
    reason,
    source: 'test',
    now: system.deps.clock.now(),
  });
  const [open] = await openOf(address);
  return Number(open?.['id']);
}

describe('closing an address', () => {
  it('works for one that we do not know, of which only the keyed hash is stored', async () => {
    expect((await ask('POST', '', { email: 'Stranger@elsewhere.example' })).status).toBe(204);
    expect((await ask('POST', '', { email: 'stranger@elsewhere.example' })).status).toBe(204);

    expect(await openOf('STRANGER@elsewhere.example')).toMatchObject([
      { reason: 'manual', subscriberId: null, address: null, canLift: true },
    ]);
    const rows = await system.deps.db.selectFrom('suppressions').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain('stranger');
    await signUp(system, 'stranger@elsewhere.example');
    await decideSignups(system.deps);
    expect(await mailsPlannedTo(system.deps, 'stranger@elsewhere.example')).toEqual([]);
  });

  it('names the subscriber where there is one, and lists the newest first', async () => {
    await becomeReader(system, 'known@readers.example');
    await ask('POST', '', { email: 'known@readers.example' });

    const { body } = await ask('GET', '?reason=manual');

    expect((body['suppressions'] as unknown[])[0]).toMatchObject({
      address: 'known@readers.example',
      reason: 'manual',
    });
    expect(body['nextCursor']).toBeNull();
  });

  it('keeps to the key that the address was closed under before', async () => {
    const keyring = createKeyring(['a new key of the publisher, first in the list', TEST_SECRET]);
    const address = parse('older-key@elsewhere.example');
    await suppressAddress(system.deps, address, CLI_ACTOR);

    const rotated = { ...system.deps, keyring };
    expect(await findSuppressions(rotated, address)).toMatchObject([{ reason: 'manual' }]);
    expect(await suppressAddress(rotated, address, CLI_ACTOR)).toMatchObject({ isNew: false });
    const hashes = [...keyring.keys.keys()].map((id) => hashAddress(keyring, address.key, id));
    const rows = await system.deps.db
      .selectFrom('suppressions')
      .select('id')
      .where('address_hash', 'in', hashes)
      .execute();
    expect(rows).toHaveLength(1);
  });

  it.each(['', 'not an address', 'a@b@c.example', 'x\0@example.org'])('refuses %j', async (email) => {
    expect(await ask('POST', '', { email })).toMatchObject({ status: 422, body: { code: 'email_invalid' } });
  });
});

describe('lifting', () => {
  it.each(['hard-bounce', 'manual'] as const)(
    'opens an address after %s, with a reason that is kept',
    async (reason) => {
      const id = await close(`${reason}@lift.example`, reason);

      expect((await ask('POST', `/${id}/lift`, { why: 'the mailbox works again' })).status).toBe(204);

      expect(await openOf(`${reason}@lift.example`)).toEqual([]);
      const audit = await system.deps.db
        .selectFrom('audit_log')
        .select(['actor', 'details'])
        .where('action', '=', 'suppression.lifted')
        .where('subject_id', '=', String(id))
        .execute();
      expect(audit).toMatchObject([
        { actor: expect.stringMatching(/^token:/), details: { reason, why: 'the mailbox works again' } },
      ]);
      expect(await ask('POST', `/${id}/lift`, { why: 'once more' })).toMatchObject({
        status: 409,
        body: { code: 'suppression_lifted' },
      });
    },
  );

  it.each(['complaint', 'erasure'] as const)('is refused after %s', async (reason) => {
    const id = await close(`${reason}@lift.example`, reason);

    expect(await ask('POST', `/${id}/lift`, { why: 'we would like to' })).toMatchObject({
      status: 409,
      body: { code: 'suppression_not_liftable' },
    });

    expect(await openOf(`${reason}@lift.example`)).toMatchObject([{ reason, canLift: false }]);
  });

  it.each([
    ['/999999/lift', { why: 'no such one' }, 404],
    ['/0/lift', { why: 'no such id' }, 422],
    ['/1/lift', { why: '  ' }, 422],
    ['/1/lift', { why: 'reader@example.org wrote to us' }, 422],
    ['/1/lift', {}, 422],
  ])('answers %s with %j: %i', async (path, body, status) => {
    expect((await ask('POST', path, body)).status).toBe(status);
  });

  it('is done once when two admins press at the same moment', async () => {
    const id = await close('pressed-twice@lift.example', 'manual');

    const answers = await Promise.all([1, 2].map(() => ask('POST', `/${id}/lift`, { why: 'asked by phone' })));

    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([204, 409]);
  });
});
