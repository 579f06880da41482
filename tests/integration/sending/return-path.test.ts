import { afterEach, describe, expect, it } from 'vitest';
import type { Deps } from '../../../src/compose.ts';
import { readBounceAddress } from '../../../src/deliveries/index.ts';
import { createDkimKey } from '../../../src/dkim/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import type { CampaignId } from '../../../src/shared/ids.ts';
import { makeDue } from '../../support/make-due.ts';
import { addReaders, sendTestCampaign } from '../../support/readers.ts';
import { startScriptedRelay } from '../../support/scripted-relay.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { waitFor } from '../../support/wait-for.ts';

const READERS = 12;
const BOUNCE_DOMAIN = 'bounces.courant.example';

let system: TestSystem | undefined;
afterEach(() => system?.stop());

async function start(environment: Readonly<Record<string, string>>): Promise<TestSystem> {
  system = await startTestSystem({ environment });
  return system;
}

/** Id by address, once the relay has taken so many. */
async function accepted(deps: Deps, campaignId: CampaignId, count = READERS): Promise<ReadonlyMap<string, number>> {
  const rows = await waitFor('all are accepted', async () => {
    const found = await deps.db
      .selectFrom('deliveries')
      .select(['id', 'address'])
      .where('campaign_id', '=', campaignId)
      .where('state', '=', 'accepted')
      .execute();
    return found.length === count ? found : undefined;
  });
  return new Map(rows.map(({ address, id }) => [address ?? '', id]));
}

describe('the envelope sender', () => {
  it('names the delivery, also at a second try, and only that one (R12)', async () => {
    const { deps, sink } = await start({ BOUNCE_DOMAIN });
    sink.script((recipient, attempt) =>
      recipient.startsWith('reader-7@') && attempt === 1
        ? { kind: 'refuse-message', code: 451, text: '4.3.0 later' }
        : undefined,
    );
    const campaignId = await sendTestCampaign(deps, await addReaders(deps, READERS));
    await waitFor('one is put off', () =>
      deps.db.selectFrom('deliveries').select('id').where('state', '=', 'deferred').executeTakeFirst(),
    );

    await makeDue(deps.db);
    deps.doorbell.ring('sweep', {});
    const deliveries = await accepted(deps, campaignId);

    expect(sink.mails).toHaveLength(READERS + 1);
    expect(new Set(sink.mails.map(({ sender }) => sender)).size).toBe(READERS);
    for (const { sender, recipients, raw } of sink.mails) {
      expect(sender).toMatch(/^bounce\+[\da-f]{48}@bounces\.courant\.example$/);
      expect(readBounceAddress(deps.keyring, sender)).toBe(deliveries.get(recipients[0] ?? ''));
      expect(raw.toString()).toMatch(/^From: .*news@courant\.example/m);
    }
  });

  it('is the From address without a BOUNCE_DOMAIN', async () => {
    const { deps, sink } = await start({});

    await accepted(deps, await sendTestCampaign(deps, await addReaders(deps, READERS)));

    expect(new Set(sink.mails.map(({ sender }) => sender))).toEqual(new Set(['news@courant.example']));
  });

  it('goes with a request for reports under the same token, where the relay offers DSN (R19)', async () => {
    const relay = await startScriptedRelay({ offers: ['PIPELINING', 'DSN', 'SIZE 1000000'] });
    const { deps } = await start({ BOUNCE_DOMAIN, SMTP_URL: relay.url });

    await accepted(deps, await sendTestCampaign(deps, await addReaders(deps, READERS)));

    const lines = relay.commands.flat();
    const senders = lines.filter((line) => line.startsWith('MAIL'));
    expect(senders.length).toBeGreaterThanOrEqual(READERS);
    for (const line of senders) {
      expect(line).toMatch(/^MAIL FROM:<bounce\+(?<token>[\da-f]{48})@\S+> SIZE=\d+ RET=HDRS ENVID=\k<token>$/);
    }
    expect(lines).toContain('RCPT TO:<reader-1@readers.example> NOTIFY=FAILURE ORCPT=rfc822;reader-1@readers.example');
    await relay.stop();
  });
});

describe('sign=off', () => {
  it('leaves the signature to that relay alone, also when a mail was made for another one', async () => {
    // One mail a connection, and nobody is let in after three: the next one, made before the third is taken, has to go the other way.
    const signed = await startScriptedRelay({ offers: ['SIZE 1000000'] });
    const turnedAway = Promise.withResolvers<void>();
    signed.script((line) => {
      if (line === 'connect' && signed.messages.length >= 3) {
        turnedAway.resolve();
        return '421 4.3.2 closing';
      }
      return undefined;
    });
    // Has a connection left for it, and does not take all the others before.
    const unsigned = await startScriptedRelay({
      offers: ['PIPELINING', 'SIZE 1000000'],
      script: (line) => (line === '.' ? { reply: '250 2.0.0 taken', after: turnedAway.promise } : undefined),
    });
    const { deps } = await start({
      SMTP_URL: `${signed.url}?connections=1&messages=1 ${unsigned.url}?connections=8&sign=off`,
    });
    const yesterday = { ...systemClock, now: () => new Date(Date.now() - 86_400_000) };
    await createDkimKey({ ...deps, clock: yesterday }, { domain: 'courant.example', actor: CLI_ACTOR });

    await accepted(deps, await sendTestCampaign(deps, await addReaders(deps, 40)), 40);

    const isSigned = (text: string): boolean => text.startsWith('DKIM-Signature: ');
    expect([signed.messages.length, unsigned.messages.length]).toEqual([3, 37]);
    expect(signed.messages.every(isSigned)).toBe(true);
    expect(unsigned.messages.some(isSigned)).toBe(false);
    await signed.stop();
    await unsigned.stop();
  });
});
