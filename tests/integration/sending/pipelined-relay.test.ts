import { isDeepStrictEqual } from 'node:util';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CampaignId } from '../../../src/shared/ids.ts';
import { addReaders, sendTestCampaign } from '../../support/readers.ts';
import { startScriptedRelay } from '../../support/scripted-relay.ts';
import type { ScriptedRelay } from '../../support/scripted-relay.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { waitFor } from '../../support/wait-for.ts';

const OFFERS = ['PIPELINING', 'SIZE 1000000'];
const READERS = 40;

let relay: ScriptedRelay;
let system: TestSystem;

async function start(more = ''): Promise<void> {
  relay = await startScriptedRelay({ offers: OFFERS });
  system = await startTestSystem({ environment: { SMTP_URL: `${relay.url}?connections=3${more}` } });
}

async function statesOf(id: CampaignId): Promise<Record<string, number>> {
  const { rows } = await sql<{ state: string; count: number }>`
    select state, count(*)::integer as count from deliveries where campaign_id = ${id} group by 1`.execute(
    system.deps.db,
  );
  return Object.fromEntries(rows.map((row) => [row.state, row.count]));
}

function statesBecome(id: CampaignId, expected: Record<string, number>): Promise<boolean> {
  return waitFor(JSON.stringify(expected), async () => isDeepStrictEqual(await statesOf(id), expected), 15_000);
}

/** How often each reader got a mail, by the To of the texts that were taken whole. */
function countByReader(): Map<string, number> {
  const readers = relay.messages.flatMap((text) => /^To:.*?<?([^\s<>]+@[^\s<>]+)>?\r$/m.exec(text)?.[1] ?? []);
  return new Map(
    Object.entries(Object.groupBy(readers, (reader) => reader)).map(([reader, all]) => [reader, all?.length ?? 0]),
  );
}

function expectOneEach(): void {
  const counts = countByReader();
  expect(counts.size).toBe(READERS);
  expect(new Set(counts.values())).toEqual(new Set([1]));
}

describe('a pipelining relay that', () => {
  beforeEach(() => start());
  afterEach(async () => {
    await system.stop();
    await relay.stop();
  });

  it('takes everything gets each mail once, with the next envelope behind the dot', async () => {
    const id = await sendTestCampaign(system.deps, await addReaders(system.deps, READERS));

    expect(await statesBecome(id, { accepted: READERS })).toBe(true);

    expectOneEach();
    expect(
      relay.packets
        .flat()
        .some((packet) => packet.includes('\r\n.\r\nMAIL FROM:') || packet.startsWith('.\r\nMAIL FROM:')),
    ).toBe(true);
  });

  it('refuses every fourth recipient in the stream gets the others, each once', async () => {
    relay.script((line) => (/^RCPT TO:<reader-\d*[048]@/.test(line) ? '550 5.1.1 unknown' : undefined));

    const id = await sendTestCampaign(system.deps, await addReaders(system.deps, READERS));
    const refused = Array.from({ length: READERS }, (_, index) => `${index + 1}`).filter((number) =>
      /[048]$/.test(number),
    ).length;

    expect(await statesBecome(id, { accepted: READERS - refused, rejected: refused })).toBe(true);
    const counts = countByReader();
    expect([counts.size, new Set(counts.values())]).toEqual([READERS - refused, new Set([1])]);
  });

  it('closes after each mail, with the next envelope on its way, gets each mail once', async () => {
    relay.script((line) => (line === '.' ? { lastWords: '250 2.0.0 taken\r\n' } : undefined));

    const id = await sendTestCampaign(system.deps, await addReaders(system.deps, READERS));

    expect(await statesBecome(id, { accepted: READERS })).toBe(true);
    expectOneEach();
  });
});

describe('two relays', () => {
  let second: ScriptedRelay;
  beforeEach(async () => {
    second = await startScriptedRelay({ offers: OFFERS });
    await start(` ${second.url}`);
  });
  afterEach(async () => {
    await system.stop();
    await relay.stop();
    await second.stop();
  });

  it('share the mails, and the second takes all of them while the first is away', async () => {
    const newsletter = await addReaders(system.deps, READERS);
    const first = await sendTestCampaign(system.deps, newsletter);
    expect(await statesBecome(first, { accepted: READERS })).toBe(true);
    expect(relay.messages.length + second.messages.length).toBe(READERS);
    const sentBefore = second.messages.length;
    relay.script((line) => (line === 'connect' || line.startsWith('MAIL') ? '421 4.3.2 closing' : undefined));

    const later = await sendTestCampaign(system.deps, newsletter, 'News of the evening');

    expect(await statesBecome(later, { accepted: READERS })).toBe(true);
    expect(second.messages.length - sentBefore).toBe(READERS);
  });
});
