import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../../support/databases.ts';
import type { TestDatabase } from '../../support/databases.ts';
import { createTestRedisUrl } from '../../support/queue.ts';
import { runAtTerminal } from './run-courant.ts';
import type { CommandRun, Settings } from './run-courant.ts';

let database: TestDatabase;
let folder: string;
let settings: Settings;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'courant-cli-'));
  const redisUrl = await createTestRedisUrl();
  settings = {
    DATABASE_URL: database.url,
    SECRET_KEY: 'cli-tests-0123456789-0123456789-0123456789',
    DATA_DIR: folder,
    ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
  };
});

afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

const dkim = (...args: string[]): Promise<CommandRun> => runAtTerminal(settings, '', 'dkim', ...args);

describe('dkim create', () => {
  it('prints the value of the record alone, and beside it name, type and the line of a zone file', async () => {
    const { exitCode, stdout, stderr } = await dkim('create', 'News.Example', '--selector', 's1');

    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^v=DKIM1; k=rsa; p=[A-Za-z\d+/]{392}$/);
    expect(stderr).toContain('s1._domainkey.news.example\n');
    expect(stderr).toMatch(/^Type: {3}TXT$/m);
    const zoneLine = /^In a zone file: (\S+) IN TXT \((.+)\)$/m.exec(stderr);
    expect(zoneLine?.[1]).toBe('s1._domainkey.news.example.');
    const strings = zoneLine?.[2]?.match(/"[^"]*"/g)?.map((text) => text.slice(1, -1)) ?? [];
    expect(strings.join('')).toBe(stdout);
    expect(strings.every((text) => text.length <= 255)).toBe(true);
  });

  it('gives programs all of it, but never the private key', async () => {
    const { stdout } = await dkim('create', 'json.example', '--from', '2027-01-01T00:00:00Z', '--json');

    const made = JSON.parse(stdout) as { selector: string };
    expect(made).toMatchObject({
      domain: 'json.example',
      signsFrom: '2027-01-01T00:00:00.000Z',
      retiredAt: null,
      record: {
        type: 'TXT',
        name: `${made.selector}._domainkey.json.example`,
        value: expect.stringMatching(/^v=DKIM1/),
      },
    });
    expect(stdout).not.toMatch(/private|sealed/i);
  });

  it('refuses a selector that was used, and what is no domain', async () => {
    expect(await dkim('create', 'news.example', '--selector', 's1')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^dkim_selector_taken: /),
    });
    expect(await dkim('create', 'news@example')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^dkim_domain_invalid: /),
    });
    expect(await dkim('create', 'news.example', '--from', 'tomorrow')).toMatchObject({ exitCode: 2 });
  });
});

describe('dkim show', () => {
  it('prints the same record again', async () => {
    const { stdout } = await dkim('create', 'again.example', '--selector', 's1');
    expect(await dkim('show', 'again.example', 's1')).toMatchObject({ exitCode: 0, stdout });
    expect(await dkim('show', 'again.example', 's2')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^dkim_key_unknown: /),
    });
  });
});

describe('dkim list and retire', () => {
  it('say which key signs, and that a record must stay for a while', async () => {
    await dkim('create', 'list.example', '--selector', 'one');
    const { exitCode, stderr } = await dkim('retire', 'list.example', 'one');
    const { stdout } = await dkim('list');

    expect(exitCode).toBe(0);
    expect(stderr).toContain('Leave one._domainkey.list.example in DNS until');
    expect(stderr).toContain('Mails from list.example go out unsigned from then on');
    const row = stdout.split('\n').find((line) => line.startsWith('list.example'));
    expect(row?.split(/\s{2,}/).slice(0, 2)).toEqual(['list.example', 'one']);
    expect(row).toContain('until ');
    expect(await dkim('retire', 'list.example', 'one')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^dkim_key_retired: /),
    });
  });

  it('name the key that signs in its place', async () => {
    await dkim('create', 'two.example', '--selector', 'one');
    await dkim('create', 'two.example', '--selector', 'two');
    expect(await dkim('retire', 'two.example', 'two')).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('Mails from two.example are signed with one from then on.'),
    });
  });
});
