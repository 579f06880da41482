import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, withClient } from '../../support/databases.ts';
import type { TestDatabase } from '../../support/databases.ts';
import { createTestRedisUrl } from '../../support/queue.ts';
import { runAtTerminal, runCourant } from './run-courant.ts';
import type { CommandRun, Settings } from './run-courant.ts';

const FEED = `<?xml version="1.0"?><rss version="2.0"><channel><title>Harbour news</title>
<item><title>The harbour reopens</title><link>https://example.org/1</link><pubDate>Mon, 24 Nov 2025 07:00:00 GMT</pubDate></item>
</channel></rss>`;
const ONE_COMMAND_MS = 60_000;

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
  await courant('migrate');
}, ONE_COMMAND_MS);

afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

const courant = (...args: string[]): Promise<CommandRun> => runAtTerminal(settings, '', ...args);

describe('links and tokens', () => {
  it('stand alone on stdout', async () => {
    const admin = await courant('admin', 'create', '--email', 'ada@example.org');
    const token = await courant('token', 'create', '--scope', 'campaigns:read,campaigns:write', '--name', 'press');

    expect(admin).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^http:\/\/localhost:3000\/admin\/setup#[\w-]+$/),
    });
    expect(token).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^cnt_[\w-]+$/) });
  });
});

describe('newsletters and feeds', () => {
  it('are made and listed', async () => {
    const created = await courant('newsletter', 'create', 'The Daily', '--time-zone', 'Europe/Berlin');
    expect(created).toEqual({ exitCode: 0, stdout: 'the-daily', stderr: '' });
    expect(await courant('newsletter', 'create', 'Other', '--slug', 'the-daily')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^slug_taken: /),
    });
    expect((await courant('newsletter', 'list')).stdout).toMatch(
      /^the-daily {2}The Daily {2}\S+ 08:00 Europe\/Berlin$/,
    );
    expect((await courant('digest', 'next')).stdout).toMatch(
      /^(?:the-daily {2}\S+ 08:00 Europe\/Berlin {2}\S+Z\n?){10}$/,
    );

    const add = ['feed', 'add', 'the-daily', 'http://127.0.0.1:1/feed.rss', '--section', 'insights'];
    const refused = await courant(...add);
    expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^address_not_allowed: /) });
    const feed = await runAtTerminal({ ...settings, FETCH_ALLOW: '127.0.0.0/8' }, '', ...add);
    expect(feed).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^\d+$/) });
    const unknown = await courant('feed', 'add', 'the-daily', 'https://example.org/other', '--section', 'sports');
    expect(unknown).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^section_unknown: /) });
  });

  it('are polled, and a feed on a private address is refused with its reason', async () => {
    const polled = await courant('feed', 'poll', 'the-daily', '--json');

    expect(polled.exitCode).toBe(0);
    expect(JSON.parse(polled.stdout)).toMatchObject([{ kind: 'failed', code: 'address_not_allowed' }]);
  });

  it('make no issue that would stand still', async () => {
    expect(await courant('digest', 'run', 'the-daily')).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringMatching(/^postal_address_missing: The Daily has no postal address/),
    });
  });

  it('show the next issue as text, with the reasons, and write its parts to files', async () => {
    const article = { title: 'The bridge holds', url: 'https://paper.example/bridge' };
    await withClient(database.url, (client) =>
      client.query(
        `insert into articles (newsletter_id, section_id, url, title, first_seen_at)
         select n.id, s.id, $1, $2, now() from newsletters n join newsletter_sections s on s.newsletter_id = n.id
         where n.slug = 'the-daily' order by s.position limit 1`,
        [article.url, article.title],
      ),
    );
    const shown = await courant('digest', 'run', 'the-daily', '--dry-run');
    expect(shown).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('Nothing was written.') });
    expect(shown.stdout).toMatch(/https:\/\/paper\.example\/bridge/);
    expect(shown.stdout).toMatch(/In the issue:\n\+ The bridge holds\n {4}\S.*by API or by hand, seen /);

    const [html, text] = [join(folder, 'issue.html'), join(folder, 'issue.txt')];
    const written = await courant('digest', 'run', 'the-daily', '--dry-run', '--html', html, '--text', text);
    expect(written.stdout).toMatch(/^In the issue:/);
    expect(await readFile(html, 'utf8')).toMatch(/^<!doctype html>/i);
    expect(await readFile(text, 'utf8')).toContain('The bridge holds');
    expect(await courant('digest', 'run', 'the-daily', '--html', html)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^dry_run_missing: /),
    });
    await withClient(database.url, (client) => client.query('delete from articles where url = $1', [article.url]));
  });

  it('make no issue while there is nothing new', async () => {
    const withAddress = { ...settings, POSTAL_ADDRESS: '1 Press Lane' };
    expect(await runAtTerminal(withAddress, '', 'digest', 'run', 'the-daily')).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: expect.stringContaining('nothing new'),
    });
  });
});

describe('feed read', () => {
  it('shows what is understood of a file, and needs no database', async () => {
    const file = join(folder, 'feed.rss');
    await writeFile(file, FEED);

    const read = await runAtTerminal({ DATA_DIR: folder }, '', 'feed', 'read', file);

    expect(read).toEqual({
      exitCode: 0,
      stdout: expect.stringMatching(
        /^Harbour news \(rss, 1 items\)\n[^]*\n\nThe harbour reopens\n {2}link +https:\/\/example.org\/1\n {2}date +2025-11-24 07:00 \(given: [^\n]+\)\n {2}author +-\n/,
      ),
      stderr: '',
    });
  });

  it('says why a file is not a feed', async () => {
    const file = join(folder, 'page.html');
    await writeFile(file, '<!doctype html><html><body>Hello</body></html>');

    expect(await courant('feed', 'read', file)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^feed_is_html: /),
    });
  });
});

describe('one person', () => {
  it('is not found when nobody has subscribed with the address', async () => {
    for (const command of [
      ['subscriber', 'show'],
      ['subscriber', 'unsubscribe'],
      ['subscriber', 'erase'],
    ]) {
      expect(await courant(...command, 'nobody@example.org')).toMatchObject({
        exitCode: 1,
        stderr: expect.stringMatching(/^subscriber_not_found: /),
      });
    }
  });
});

describe('consent verify', () => {
  it('finds an empty chain intact', async () => {
    expect(await courant('consent', 'verify')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^intact: 0 records in 0 seals/),
    });
  });
});

describe('doctor', () => {
  it('tells what is there and what is not needed yet, and fails at nothing while mail stays on this machine', async () => {
    const { exitCode, stdout } = await courant('doctor');

    expect(exitCode).toBe(0);
    expect(stdout.split('\n').map((line) => line.split(/\s{2,}/).slice(0, 2))).toEqual([
      ['ok', 'database'],
      ['ok', 'queue'],
      ['warning', 'workers'],
      ['warning', 'relay'],
      ['warning', 'postal address'],
      ['warning', 'legal texts'],
      ['ok', 'proxy'],
      ['ok', 'sign-ups'],
      ['ok', 'spf'],
      ['ok', 'dkim'],
      ['ok', 'dmarc'],
      ['ok', 'ptr'],
      ['warning', 'https'],
      ['warning', 'one-click'],
    ]);
  });

  it('names what keeps mails from going out', async () => {
    const relay = { ...settings, SMTP_URL: 'smtp://127.0.0.1:1', MAIL_FROM: 'news@example.org' };
    const { exitCode, stderr } = await runAtTerminal(relay, '', 'doctor', '--to', 'ada@example.org');

    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^doctor_failed: look at: relay, test mail$/m);
    expect(await courant('doctor', '--to', 'nobody')).toMatchObject({ exitCode: 2 });
  });

  it('reports a database that is away, instead of failing itself', async () => {
    const away = { ...settings, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
    const { exitCode, stdout } = await runAtTerminal(away, '', 'doctor', '--json');

    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ checks: [{ name: 'database', state: 'failed' }] });
  });
});

describe('without DATABASE_URL', () => {
  it(
    'starts a server for its own duration and leaves none behind',
    async () => {
      const own = await mkdtemp(join(tmpdir(), 'courant-cli-own-'));

      const created = await runCourant({ DATA_DIR: own }, 'newsletter', 'create', 'The Daily');
      expect(created).toMatchObject({ exitCode: 0, stdout: 'the-daily\n' });
      const listed = await runCourant({ DATA_DIR: own }, 'newsletter', 'list');
      expect(listed).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^the-daily {2}/) });

      expect(existsSync(join(own, 'run.json'))).toBe(false);
      expect(existsSync(join(own, 'postgres', 'postmaster.pid'))).toBe(false);
      await rm(own, { recursive: true });
    },
    2 * ONE_COMMAND_MS,
  );
});
