import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Deps } from '../src/compose.ts';
import { createConsentTexts, readLedger, sealConsentRecords, verifyConsent } from '../src/consent/index.ts';
import {
  composeBench,
  openBenchServer,
  prepareDatabase,
  readNumbers,
  settingsFor,
  withClient,
} from './bench-database.ts';
import type { BenchContext, BenchResult } from './benchmark.ts';
import { compare } from './figure.ts';
import type { Figure } from './figure.ts';
import { generateLoad } from './generate-load.ts';
import { startRole } from './role-process.ts';
import { medianBy } from './statistics.ts';

const RECORDS = 1_000_000;
const RECORDS_AT_ONCE = 100_000;
/** Alternately, so that a slow minute of the machine meets both. */
const ROUNDS = 3;
const VERIFY_TARGET = 2;
const SEALING_TARGET = 1;
/** What the last sign-up of a burst waits for its seal, beside the second until the sealer comes by. */
const LAG_TARGET_SECONDS = 2;
const LOAD = { connections: 16, warmUpMs: 2000, measuredMs: 8000, label: 'ledger' } as const;
const ROWS = new URL('ledger-rows.sql', import.meta.url);

/**
 * The consent ledger: verifying a million records beside only reading the same rows in the same pages over one connection, and
 * sealing beside the rate at which sign-ups come at their peak.
 */
export async function benchLedger(context: BenchContext): Promise<BenchResult> {
  const server = await openBenchServer(context);
  const databaseUrl = await server.createDatabase();
  await prepareDatabase(databaseUrl);
  const { deps, close } = await composeBench(settingsFor(databaseUrl));
  context.cleanup.defer(close);
  const peak = await signUpWhileSealing(context, deps, databaseUrl);
  context.say(`sign-ups ${Math.round(peak.perSecond)}/s, sealed ${peak.lagSeconds.toFixed(2)} s after the last one`);
  await writeRecords(context, deps);
  const sealed = await sealAll(context, deps);
  const { figures, note } = await measureVerifying(context, deps);
  return {
    figures: [
      ...figures,
      compare({
        figure: 'sealing a million records',
        value: sealed,
        unit: '/s',
        limit: peak.perSecond,
        target: { ratioAtLeast: SEALING_TARGET },
      }),
      {
        figure: 'unsealed time after a burst',
        value: peak.lagSeconds,
        unit: 's',
        target: { atMost: LAG_TARGET_SECONDS },
      },
    ],
    notes: [
      server.note,
      'verify: against reading the same rows, in turns, the median ratio',
      `sealing: against sign-ups (a record each) over ${LOAD.connections} connections while the sealer runs each second`,
      note,
    ],
  };
}

interface Peak {
  readonly perSecond: number;
  /** From the last sign-up until all of them were sealed. */
  readonly lagSeconds: number;
}

async function signUpWhileSealing(context: BenchContext, deps: Deps, databaseUrl: string): Promise<Peak> {
  const web = await startRole(context, 'web', settingsFor(databaseUrl));
  const stopped = new AbortController();
  const sealing = (async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      await sealConsentRecords(deps);
      await delay(1000, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  })();
  const load = await generateLoad({ ...LOAD, port: web.port }).finally(() => stopped.abort());
  const endedAt = performance.now();
  await sealing;
  await sealConsentRecords(deps);
  const lagSeconds = (performance.now() - endedAt) / 1000;
  await web.stop();
  await requireSealed(databaseUrl, load.accepted);
  return { perSecond: load.perSecond, lagSeconds };
}

/** @throws Error unless every record is sealed, once. */
async function requireSealed(databaseUrl: string, records: number): Promise<void> {
  const counts = await withClient(databaseUrl, (client) =>
    readNumbers(
      client,
      ['records', 'entries', 'sealed'],
      `select (select count(*) from consent_records) as records, (select count(*) from consent_seal_entries) as entries,
        (select sum(record_count) from consent_seals) as sealed`,
    ),
  );
  if (Object.values(counts).some((count) => count !== records)) {
    throw new Error(`the chain does not balance: ${records} records, ${JSON.stringify(counts)}`);
  }
}

/** Up to a million together with those of the sign-ups. */
async function writeRecords(context: BenchContext, deps: Deps): Promise<void> {
  context.say(`writing up to ${RECORDS} records`);
  await createConsentTexts().ensure(deps.db, [{ text: 'I want the news by mail.', locale: 'en' }], deps.clock.now());
  const statement = await readFile(ROWS, 'utf8');
  await withClient(deps.databaseUrl, async (client) => {
    const { newest } = await readNumbers(
      client,
      ['newest'],
      'select coalesce(max(id), 0) as newest from consent_records',
    );
    for (let first = newest + 1; first <= RECORDS; first += RECORDS_AT_ONCE) {
      await client.query(statement, [first, Math.min(first + RECORDS_AT_ONCE - 1, RECORDS)]);
    }
    await client.query('vacuum analyze consent_records, consent_personal');
  });
}

/** Records a second, in one run of the sealer. */
async function sealAll(context: BenchContext, deps: Deps): Promise<number> {
  context.say('sealing them');
  const startedAt = performance.now();
  const { sealed } = await sealConsentRecords(deps);
  return (sealed * 1000) / (performance.now() - startedAt);
}

interface Round {
  readonly readSeconds: number;
  readonly verifySeconds: number;
}

async function measureVerifying(
  context: BenchContext,
  deps: Deps,
): Promise<{ readonly figures: readonly Figure[]; readonly note: string }> {
  await withClient(deps.databaseUrl, (client) => client.query('vacuum analyze consent_seal_entries'));
  const rounds: Round[] = [];
  let peakBytes = 0;
  for (let index = 1; index <= ROUNDS; index += 1) {
    const readSeconds = await measure(() => readAll(deps));
    const verifySeconds = await measure(async () => {
      const found = await verifyConsent(deps, {
        onProgress: () => {
          peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
        },
      });
      if (found.kind !== 'intact' || found.unsealed > 0) {
        throw new Error(`the chain is not intact: ${JSON.stringify(found)}`);
      }
    });
    context.say(`round ${index}: read in ${readSeconds.toFixed(1)} s, verified in ${verifySeconds.toFixed(1)} s`);
    rounds.push({ readSeconds, verifySeconds });
  }
  const { readSeconds, verifySeconds } = medianBy(rounds, (round) => round.verifySeconds / round.readSeconds);
  const verifying = compare({
    figure: 'verifying a million records',
    value: verifySeconds,
    unit: 's',
    limit: readSeconds,
    target: { ratioAtMost: VERIFY_TARGET },
  });
  return {
    figures: [verifying],
    note: `this process held at most ${Math.round(peakBytes / 1e6)} MB while it verified`,
  };
}

/** What verification reads, and nothing done with it. */
async function readAll(deps: Deps): Promise<void> {
  let entries = 0;
  await deps.db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (tx) => {
      for await (const page of readLedger(tx)) {
        for (const sealed of page.seals) {
          entries += sealed.entries.length;
        }
      }
    });
  if (entries !== RECORDS) {
    throw new Error(`read ${entries} of ${RECORDS} records`);
  }
}

async function measure(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1000;
}
