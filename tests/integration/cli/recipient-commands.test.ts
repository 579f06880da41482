import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCampaign } from '../../../src/campaigns/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { CampaignId } from '../../../src/shared/ids.ts';
import { addReaders } from '../../support/readers.ts';
import { startTestSystem, TEST_SECRET } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { sendWithOutcomes, statesOf } from '../campaigns/outcomes.ts';
import type { Outcome } from '../campaigns/outcomes.ts';
import { runAtTerminal, runCourant } from './run-courant.ts';
import type { CommandRun, Settings } from './run-courant.ts';

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  'reader-1@readers.example': { state: 'accepted' },
  'reader-2@readers.example': { state: 'rejected', reason: 'mailbox_full', words: '=1+1 full' },
  'reader-3@readers.example': { state: 'ambiguous', reason: 'reply_never_came' },
  'reader-4@readers.example': { state: 'ambiguous', reason: 'reply_never_came' },
};

let system: TestSystem;
let settings: Settings;
let folder: string;
let id: CampaignId;

beforeAll(async () => {
  system = await startTestSystem({ worker: false });
  folder = await mkdtemp(join(tmpdir(), 'courant-cli-'));
  const { databaseUrl = '', redisUrl } = system.deps.config;
  settings = {
    DATABASE_URL: databaseUrl,
    SECRET_KEY: TEST_SECRET,
    POSTAL_ADDRESS: '1 Harbour Street',
    DATA_DIR: folder,
    ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
  };
  await addReaders(system.deps, Object.keys(OUTCOMES).length);
});
afterAll(async () => {
  await system.stop();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  const text = { subject: 'News', preheader: null, format: 'markdown', source: 'Hello.' } as const;
  const newsletter = { slug: 'the-weekly' };
  const desk = {
    deps: system.deps,
    rung: [],
    writeCampaign: async () => (await createCampaign(system.deps, { ...text, newsletter }, CLI_ACTOR)).campaign,
  };
  id = await sendWithOutcomes(desk, OUTCOMES, 'sent');
});

const campaign = (name: string, ...more: string[]): Promise<CommandRun> =>
  runAtTerminal(settings, '', 'campaign', name, String(id), ...more);
const states = () => statesOf(system, id);

describe('courant campaign status', () => {
  it('prints a sum that balances, and what is in doubt', async () => {
    expect((await campaign('status')).stdout.split('\n')).toEqual(
      expect.arrayContaining([
        'status: sent',
        'audience 4 = accepted 1 + rejected 1 + suppressed 0 + ambiguous 2 + cancelled 0 + open 0',
        `in doubt: nobody knows whether 2 arrived; held until somebody decides, see: campaign ambiguous ${id}`,
      ]),
    );
    expect(JSON.parse((await campaign('status', '--json')).stdout)).toMatchObject({
      ambiguousPolicy: 'hold',
      progress: { audience: 4, accepted: 1, rejected: 1, ambiguous: 2, open: 0, nextDueAt: null },
    });
  });
});

describe('courant campaign recipients', () => {
  it('writes a whole file that only its owner may read, and no half of one', async () => {
    const file = join(folder, 'who.csv');
    const run = await campaign('recipients', file);

    expect(run).toMatchObject({ exitCode: 0, stdout: '' });
    expect(run.stderr).toContain(`4 rows in ${file}. It holds personal data`);
    // By the number of the delivery, and freezing gives numbers in whatever order it finds the readers.
    const lines = parse(await readFile(file, 'utf8'))
      .slice(1)
      .toSorted(([one = ''], [other = '']) => one.localeCompare(other));
    expect(lines.map(([email, state]) => [email, state])).toEqual(
      Object.entries(OUTCOMES).map(([address, { state }]) => [address, state]),
    );
    expect(lines[1]?.[5]).toBe("'=1+1 full");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await campaign('recipients', join(folder, 'missing', 'who.csv'))).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^file_unwritable: /),
    });
    expect((await readdir(folder)).filter((name) => name.endsWith('.unfinished'))).toEqual([]);
  });

  it('prints some of them on stdout, as CSV for a script and as JSON if asked', async () => {
    const csv = await runCourant(settings, 'campaign', 'recipients', String(id), '--state', 'ambiguous');
    expect(parse(csv.stdout).slice(1)).toHaveLength(2);
    const json = await campaign('recipients', '--state', 'rejected', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ address: 'reader-2@readers.example', state: 'rejected' });
    expect(await campaign('recipients', '--state', 'lost')).toMatchObject({ exitCode: 2 });
    expect(await runAtTerminal(settings, '', 'campaign', 'recipients', '999999')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^campaign_not_found/),
    });
  });
});

describe('courant campaign retry', () => {
  it('asks at a terminal with the number, and says how many', async () => {
    expect(await campaign('retry')).toMatchObject({ exitCode: 1, stdout: '' });
    expect(await states()).toMatchObject({ 'reader-2@readers.example': 'rejected' });

    const run = await campaign('retry', '--yes');
    expect(run).toMatchObject({ exitCode: 0, stdout: '1', stderr: '1 mail is sent once more.' });
    expect(await states()).toMatchObject({ 'reader-2@readers.example': 'planned' });
    expect(await campaign('retry', '--yes')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^nothing_to_retry: /),
    });
  });
});

describe('courant campaign ambiguous and resolve', () => {
  it('lists address, time, attempt and Message-ID', async () => {
    const lines = (await campaign('ambiguous')).stdout.split('\n');

    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^reader-3@readers\.example {2}[\d-]+ [\d:]+ UTC {2}attempt 1 {2}<[\w-]+@[\w.]+>$/);
    expect(JSON.parse((await campaign('ambiguous', '--json')).stdout)).toMatchObject([
      { address: 'reader-3@readers.example', messageId: expect.any(String) },
      { address: 'reader-4@readers.example' },
    ]);
  });

  it('takes a decision about one, then about all the others', async () => {
    const one = await campaign('resolve', '--accepted', '--to', 'reader-3@readers.example');
    expect(one).toMatchObject({ exitCode: 0, stdout: '1', stderr: '1 mail counts as accepted now.' });
    expect(await campaign('resolve', '--resend', '--all')).toMatchObject({ exitCode: 1 });
    expect(await campaign('resolve', '--resend', '--all', '--yes')).toMatchObject({ exitCode: 0, stdout: '1' });
    expect(await states()).toMatchObject({
      'reader-3@readers.example': 'accepted',
      'reader-4@readers.example': 'planned',
    });
    expect(await campaign('resolve', '--rejected', '--all')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^nothing_ambiguous: /),
    });
  });

  it('is wrong usage without one decision and one choice', async () => {
    const runs = [
      await campaign('resolve', '--all'),
      await campaign('resolve', '--accepted'),
      await campaign('resolve', '--accepted', '--rejected', '--all'),
      await campaign('resolve', '--accepted', '--all', '--to', 'a@example.org'),
      await campaign('resolve', '--accepted', '--to', 'nobody'),
      await campaign('send', '--immediately', '--at', '2030-01-01T00:00:00Z'),
      await campaign('send', '--ambiguous', 'guess'),
    ];

    expect(runs.map(({ exitCode }) => exitCode)).toEqual([2, 2, 2, 2, 2, 2, 2]);
    expect(runs.every(({ stderr }) => /^usage: [^\n]+$/.test(stderr))).toBe(true);
  });
});
