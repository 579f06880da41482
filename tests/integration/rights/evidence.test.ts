import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiToken } from '../../../src/accounts/index.ts';
import { sealConsentRecords } from '../../../src/consent/index.ts';
import { eraseSubscriber } from '../../../src/rights/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { Scope } from '../../../src/shared/actor.ts';
import type { SubscriberId } from '../../../src/shared/ids.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { waitFor } from '../../support/wait-for.ts';
import {
  hiddenFields,
  lastRequestOf,
  MAIL_DEADLINE_MS,
  post,
  press,
  submitForm,
  subscriptionOf,
  tokenPath,
  waitForMailTo,
} from '../subscriptions/reader.ts';
import type { Evidence } from '../../../src/rights/evidence.ts';

const READER = 'Grace.Hopper@readers.example';

let system: TestSystem;
let lawyer: string;
let clerk: string;
let subscriberId: SubscriberId;
let shown: { readonly consent: string; readonly version: string };

beforeAll(async () => {
  system = await startTestSystem();
  const tokenFor = async (...scopes: readonly Scope[]): Promise<string> =>
    (await createApiToken(system.deps, { name: 'test', scopes, expiresInDays: 1, actor: CLI_ACTOR })).secret;
  lawyer = await tokenFor('evidence:read');
  clerk = await tokenFor('subscribers:read', 'subscribers:write');
  const { consentTexts } = await system.deps.signupForms.current('en');
  shown = { consent: consentTexts.get('the-weekly') ?? '', version: (await hiddenFields(system))['formVersion'] ?? '' };
  await submitForm(system, { email: READER, newsletters: 'the-weekly', terms: 'true' });
  await waitForMailTo(system, READER, /confirm/i);
  ({ subscriberId } = await lastRequestOf(system.deps, READER));
  const { id } = await lastRequestOf(system.deps, READER);
  await waitFor(
    'the outcome of the confirmation mail',
    async () => (await mailsOf(subscriberId))[0]?.state === 'accepted',
  );
  await press(system, tokenPath(system.deps, 'confirm', 'confirm', id));
  const { id: subscriptionId } = await subscriptionOf(system.deps, READER);
  await post(system, tokenPath(system.deps, 'unsubscribe', 'unsubscribe', subscriptionId));
  await sealConsentRecords(system.deps);
}, 40_000);
afterAll(() => system.stop());

function mailsOf(id: SubscriberId) {
  return system.deps.db.selectFrom('deliveries').select(['id', 'state']).where('subscriber_id', '=', id).execute();
}

async function ask(token: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${system.url}/api/v1${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

async function evidenceOf(id: SubscriberId): Promise<Evidence> {
  return (await ask(lawyer, `/subscribers/${id}/evidence`)).body as Evidence;
}

const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** What somebody does who has the document, a hash that was kept elsewhere, and nothing of ours. */
function recompute({ chain, declarations, documents }: Evidence): void {
  for (const record of chain.records) {
    expect(sha256(record.canonical)).toBe(record.hash);
    const seal = chain.seals.find(({ id }) => id === record.sealId);
    expect(seal?.recordHashes[record.position ?? -1]).toBe(record.hash);
  }
  for (const seal of chain.seals) {
    expect(sha256(Buffer.from(seal.recordHashes.join(''), 'hex'))).toBe(seal.root);
    const facts = `${new Date(seal.sealedAt).toISOString()} ${seal.maxRecordId} ${seal.recordIds.join(' ')}`;
    expect(sha256(Buffer.concat([Buffer.from(seal.previousHash + seal.root, 'hex'), Buffer.from(facts)]))).toBe(
      seal.hash,
    );
  }
  for (const declaration of declarations) {
    const { canonical = '' } = chain.records.find(({ recordId }) => recordId === declaration.recordId) ?? {};
    const wordings = [declaration.consentText, declaration.termsText, declaration.privacyText];
    for (const text of wordings.filter((wording) => wording !== null)) {
      expect(canonical).toContain(sha256(text));
    }
    const values = [declaration.address, declaration.ip, declaration.agent].filter(({ state }) => state === 'kept');
    for (const value of values) {
      const { salt = '', value: text = '', digest = '' } = { ...value } as Partial<Record<string, string>>;
      expect(sha256(Buffer.concat([Buffer.from(salt, 'hex'), Buffer.from(text)]))).toBe(digest);
      expect(canonical).toContain(digest);
    }
  }
  for (const document of documents) {
    expect(sha256(document.markdown)).toBe(document.hash);
  }
}

describe('the evidence of one person', () => {
  it('tells every declaration with the words as shown, and both steps of the opt-in (R27, R28, R29)', async () => {
    const { declarations, documents, person } = await evidenceOf(subscriberId);

    expect(declarations.map(({ action, method, actor }) => [action, method, actor])).toEqual([
      ['requested', 'button', 'subscriber'],
      ['confirmation_sent', 'system', 'system'],
      ['granted', 'button', 'subscriber'],
      ['withdrawn', 'button', 'subscriber'],
    ]);
    expect(declarations[0]).toMatchObject({
      newsletter: 'The Weekly',
      isAssertedByCaller: false,
      consentText: shown.consent,
      termsText: expect.stringMatching(/terms/i),
      privacyText: expect.stringMatching(/privacy/i),
      formId: 'hosted',
      formVersion: shown.version,
      locale: 'en',
      occurredAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      address: { state: 'kept', value: READER },
      terms: { kind: 'terms', version: 1, url: `${system.deps.config.publicUrl}/terms/en/1` },
      privacy: { kind: 'privacy', version: 1 },
    });
    expect(documents.map(({ kind }) => kind).sort()).toEqual(['privacy', 'terms']);
    expect(person).toMatchObject({
      address: READER,
      subscriberIds: [subscriberId],
      current: { subscriptions: [{ newsletter: 'The Weekly', status: 'unsubscribed' }] },
    });
  });

  it('shows the confirmation mail as it was sent, byte for byte, with the answer of the relay', async () => {
    const { mails } = await evidenceOf(subscriberId);
    const sunk = await system.sink.waitForMail((mail) => mail.recipients.includes(READER), MAIL_DEADLINE_MS);

    const [confirmation] = mails;
    expect(confirmation).toMatchObject({
      kind: 'confirm',
      state: 'accepted',
      replyCode: 250,
      events: [{ event: 'accepted', replyCode: 250, replyText: expect.any(String) }],
      message: { state: 'rebuilt', subject: expect.stringMatching(/confirm/i), sha256: sha256(sunk.raw) },
    });
    const message = confirmation?.message;
    expect(message?.state === 'rebuilt' && message.source).toBe(sunk.raw.toString());
  });

  it('can be computed again by somebody who has nothing but the document', async () => {
    const evidence = await evidenceOf(subscriberId);

    expect(evidence.chain.records.every(({ sealId }) => sealId !== null)).toBe(true);
    recompute(evidence);
  });

  it('holds back a mail whose link still confirms', async () => {
    await submitForm(system, { email: 'open@readers.example', newsletters: 'the-weekly', terms: 'true' });
    await waitForMailTo(system, 'open@readers.example', /confirm/i);
    const { subscriberId: id } = await lastRequestOf(system.deps, 'open@readers.example');

    const { mails } = await evidenceOf(id);

    expect(mails[0]?.message).toEqual({ state: 'withheld', openUntil: expect.any(String) });
    expect(JSON.stringify(mails)).not.toContain('/confirm/');
  });

  it('needs a scope of its own, and is on record in the audit log', async () => {
    expect(await ask(clerk, `/subscribers/${subscriberId}/evidence`)).toMatchObject({
      status: 403,
      body: { code: 'scope_missing' },
    });
    const count = async (): Promise<number> =>
      (
        await system.deps.db
          .selectFrom('audit_log')
          .select('id')
          .where('action', '=', 'evidence.exported')
          .where('subject_id', '=', String(subscriberId))
          .execute()
      ).length;
    const before = await count();

    await evidenceOf(subscriberId);

    expect(await count()).toBe(before + 1);
  });

  it.each([
    ['/subscribers/999999/evidence', undefined, 404, 'subscriber_not_found'],
    ['/subscribers/x/evidence', undefined, 422, 'invalid_input'],
    ['/evidence', { email: 'unknown@elsewhere.example' }, 404, 'evidence_not_found'],
    ['/evidence', { email: 'no address' }, 422, 'email_invalid'],
  ])('answers %s with %j: %i', async (path, body, status, code) => {
    expect(await ask(lawyer, path, body)).toMatchObject({ status, body: { code } });
  });
});

describe('after an erasure', () => {
  it('is found by the hash of the address, shows what is restricted, and says why the rest is gone', async () => {
    const before = await evidenceOf(subscriberId);
    await eraseSubscriber(system.deps, { subscriberId, actor: 'subscriber', method: 'button' });
    await sealConsentRecords(system.deps);

    const { body } = await ask(lawyer, '/evidence', { email: READER.toUpperCase().replace('READERS', 'readers') });
    const evidence = body as Evidence;

    expect(evidence.person).toMatchObject({
      subscriberIds: [subscriberId],
      current: null,
      erasures: [{ subscriberId, erasedAt: expect.any(String), evidenceUntil: expect.any(String) }],
      suppressions: [{ reason: 'erasure', source: 'subscriber', liftedAt: null }],
    });
    expect(evidence.declarations.map(({ action }) => action)).toEqual([
      ...before.declarations.map(({ action }) => action),
      'erased',
    ]);
    expect(evidence.declarations[0]).toMatchObject({
      address: { state: 'kept', value: READER, restrictedAt: expect.any(String) },
      ip: before.declarations[0]?.ip.state === 'none' ? { state: 'none' } : { state: 'erased', reason: 'asked' },
      agent: { state: 'erased', reason: 'asked', at: expect.any(String) },
    });
    const messageOf = ({ mails }: Evidence): unknown => mails[0]?.message;
    expect(messageOf(evidence)).toEqual(messageOf(before));
    recompute(evidence);
  });

  it('shows restricted values nowhere else', async () => {
    expect(await ask(clerk, `/subscribers/${subscriberId}`)).toMatchObject({ status: 404 });
    const { body } = await ask(clerk, '/subscribers?q=hopper');
    expect(body).toMatchObject({ total: 0 });
    expect(JSON.stringify((await ask(clerk, '/suppressions')).body)).not.toMatch(/hopper/i);
  });

  it('tells both lives of an address that came back', async () => {
    await submitForm(system, { email: READER, newsletters: 'the-weekly', terms: 'true' });
    const { subscriberId: second } = await lastRequestOf(system.deps, READER);
    await waitFor('the second confirmation', async () => (await mailsOf(second))[0]?.state === 'accepted');

    expect((await evidenceOf(second)).person.subscriberIds).toEqual([subscriberId, second]);
    expect((await evidenceOf(subscriberId)).person.subscriberIds).toEqual([subscriberId, second]);
  });
});
