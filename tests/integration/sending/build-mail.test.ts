import PostalMime from 'postal-mime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storeCompiledMail } from '../../../src/deliveries/index.ts';
import type { MailHead } from '../../../src/deliveries/index.ts';
import { createDkimKey, createDkimSigner } from '../../../src/dkim/index.ts';
import { compileMail, readSampleMail } from '../../../src/rendering/index.ts';
import type { MailInput } from '../../../src/rendering/index.ts';
import { createMailBuilder } from '../../../src/sending/index.ts';
import type { DeliveryOfMail } from '../../../src/sending/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { CampaignId, DeliveryId, SignupRequestId, SubscriberId, SubscriptionId } from '../../../src/shared/ids.ts';
import { readToken } from '../../../src/shared/keyring.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';

const HEAD: MailHead = {
  fromName: 'The Weekly',
  fromAddress: 'news@example.org',
  replyTo: null,
  list: { name: 'The Weekly', slug: 'the-weekly' },
  archiveUrl: null,
};
const clock = createFakeClock(new Date('2026-11-22T09:00:00Z'));
let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem({ worker: false, clock });
});
afterAll(() => system.stop());

function newBuilder() {
  const { deps } = system;
  return createMailBuilder({ ...deps, publicUrl: deps.config.publicUrl, signer: createDkimSigner(deps) });
}

async function store(input: MailInput, head = HEAD): Promise<number> {
  const outcome = await compileMail(system.deps, input);
  if (!outcome.ok) {
    throw new Error(JSON.stringify(outcome.problems));
  }
  return storeCompiledMail(system.deps.db, { head, compiled: outcome.mail }, clock.now());
}

function campaign(source: string, subject = 'Monday'): MailInput {
  const { input } = readSampleMail('campaign');
  return { ...input, variant: { ...input.variant, campaign: { subject, format: 'markdown', source } } } as MailInput;
}

function delivery(compiledMailId: number, changes: Partial<DeliveryOfMail> = {}): DeliveryOfMail {
  return {
    id: 7 as DeliveryId,
    kind: 'campaign',
    address: 'ada@example.net',
    keyId: system.deps.keyring.signingKeyId,
    compiledMailId,
    campaignId: 3 as CampaignId,
    subscriberId: 11 as SubscriberId,
    newsletterId: null,
    causeId: null,
    signupRequestId: null,
    createdAt: clock.now(),
    subscriberName: 'Ada',
    subscriberLocale: null,
    subscriptionId: 13 as SubscriptionId,
    ...changes,
  };
}

type Build = ReturnType<typeof newBuilder>;

async function build(builder: Build, of: DeliveryOfMail): Promise<Buffer> {
  return Buffer.concat((await builder(of)).parts);
}

describe('the mail of a delivery', () => {
  it('is the same in every process and at every try, signature and all (R7)', async () => {
    const key = await createDkimKey(system.deps, { domain: 'example.org', actor: CLI_ACTOR });
    clock.advance(60_000);
    const of = delivery(await store(campaign('Hello {{ subscriber.name | default: "you" }}')));
    clock.advance(3_600_000);

    const first = await newBuilder()(of);
    const again = newBuilder();
    await again(delivery(of.compiledMailId, { id: 8 as DeliveryId, subscriberName: 'Somebody Else' }));

    expect(await build(again, of)).toEqual(Buffer.concat(first.parts));
    expect(first.size).toBe(Buffer.concat(first.parts).length);
    expect(first.parts[0]?.toString()).toMatch(new RegExp(`^DKIM-Signature: [^]* s=${key.selector};`));
  });

  it('carries a link that leaves the newsletter and one that shows what there is (R1, R4)', async () => {
    const email = await PostalMime.parse(await build(newBuilder(), delivery(await store(campaign('Hello')))));
    const header = (key: string) => email.headers.find((each) => each.key === key)?.value ?? '';
    const tokenIn = (value: string) => /\/(?<token>[\w-]{32})>$/.exec(value)?.groups?.['token'] ?? '';

    expect(readToken(system.deps.keyring, 'unsubscribe', tokenIn(header('list-unsubscribe')))).toBe(13);
    expect(readToken(system.deps.keyring, 'preferences', tokenIn(header('list-help')))).toBe(11);
    expect(header('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
    expect(header('feedback-id')).toBe('3:the-weekly:campaign:courant');
    expect(email.html).toContain(header('list-unsubscribe').slice(1, -1));
    expect(email.text).toContain(header('list-unsubscribe').slice(1, -1));
  });

  it('has nothing of a list when it asks for a confirmation (R6)', async () => {
    const id = await store(readSampleMail('confirm').input, { ...HEAD, list: null });
    const of = delivery(id, { kind: 'confirm', signupRequestId: 17 as SignupRequestId, subscriptionId: null });
    const bytes = (await build(newBuilder(), of)).toString();

    expect(bytes).not.toMatch(/^(?:List-|Precedence|Feedback-ID)/m);
    expect(bytes).toContain('Auto-Submitted: auto-generated\r\n');
  });

  it('says that it is a test', async () => {
    const of = delivery(await store(campaign('Hello', 'Grüße')), { kind: 'test', subscriptionId: null });

    expect((await PostalMime.parse(await build(newBuilder(), of))).subject).toBe('[Test] Grüße');
  });

  it("follows the author's logic for each reader", async () => {
    const builder = newBuilder();
    const source = '{% if subscriber.name %}Dear {{ subscriber.name | upcase }},{% else %}Dear all,{% endif %} hello.';
    const id = await store(campaign(source, '{% if subscriber.name %}For you{% else %}For all{% endif %}'));
    const read = async (subscriberName: string | null) =>
      PostalMime.parse(await build(builder, delivery(id, { subscriberName })));

    const [named, nameless, hostile] = await Promise.all([read('Ada'), read(null), read('<b>\r\nBcc: x@example.org')]);

    expect([named.subject, nameless.subject]).toEqual(['For you', 'For all']);
    expect(named.html).toContain('Dear ADA,');
    expect(named.text).toContain('Dear ADA,');
    expect(nameless.html).toContain('Dear all,');
    expect(hostile.html).toContain('Dear &lt;B&gt;');
    expect(hostile.headers.map(({ key }) => key)).not.toContain('bcc');
  });

  it('never mixes up readers whose logic is worked out together', async () => {
    const builder = newBuilder();
    const id = await store(
      campaign('{{ subscriber.name | upcase }} {% if subscriber.locale == "de" %}Hallo{% endif %}'),
    );
    const other = await store(campaign('{{ subscriber.name | downcase }}'));
    const readers = Array.from({ length: 150 }, (_, index) => ({
      subscriberName: `Reader${index}x`,
      subscriberLocale: index % 2 === 0 ? 'de-AT' : null,
    }));

    const texts = await Promise.all(
      readers.map(async (reader, index) => {
        const bytes = await build(builder, delivery(index % 3 === 0 ? other : id, reader));
        return (await PostalMime.parse(bytes)).text ?? '';
      }),
    );

    for (const [index, text] of texts.entries()) {
      const word = index % 3 === 0 ? `reader${index}x` : `READER${index}X`;
      expect(text).toMatch(new RegExp(`\\b${word}\\b`));
      expect(text.includes('Hallo')).toBe(index % 3 !== 0 && index % 2 === 0);
    }
  });
});

describe('the memory of mails', () => {
  it('is never shared by two that are held, and used again when one is released', async () => {
    const builder = newBuilder();
    const id = await store(campaign(`Hello {{ subscriber.name }}\n\n${'Some words of the week. '.repeat(500)}`));
    const names = Array.from({ length: 40 }, (_, index) => `Reader ${index}`);
    const held = await Promise.all(
      names.map((subscriberName, index) => builder(delivery(id, { id: index as DeliveryId, subscriberName }))),
    );

    for (const [index, { parts }] of held.entries()) {
      expect((await PostalMime.parse(Buffer.concat(parts))).html).toContain(`Hello Reader ${index}<`);
    }
    const memory = new Set(held.map(({ parts }) => parts.at(-1)?.buffer));
    held.forEach(({ release }) => release());
    const next = await builder(delivery(id));

    expect(memory.size).toBe(names.length);
    expect(memory).toContain(next.parts.at(-1)?.buffer);
  });

  it('is not given away twice when it is released twice', async () => {
    const builder = newBuilder();
    const id = await store(campaign('Hello'));
    const mail = await builder(delivery(id));
    mail.release();
    mail.release();

    const [one, other] = await Promise.all([builder(delivery(id)), builder(delivery(id))]);

    expect(one?.parts.at(-1)?.buffer).not.toBe(other?.parts.at(-1)?.buffer);
  });
});
