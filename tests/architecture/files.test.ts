import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SETTING_NAMES } from '../../src/config/index.ts';

const MAX_LINES = 300;

describe('the files', () => {
  const sources = globSync('{src,workers}/**/*.ts');

  it(`are at most ${MAX_LINES} lines long`, () => {
    const long = sources.map((path) => `${path}: ${readFileSync(path, 'utf8').split('\n').length - 1}`);

    expect(long.filter((line) => Number(line.split(': ')[1]) > MAX_LINES)).toEqual([]);
  });

  it('speak SQL only in repositories and in platform/postgres', () => {
    const query = /\bsql(?:<.*>)?`|\.(?:selectFrom|insertInto|updateTable|deleteFrom|mergeInto)\(/;
    const elsewhere = sources.filter(
      (path) => !path.endsWith('.repository.ts') && !path.startsWith('src/platform/postgres/'),
    );

    expect(elsewhere.filter((path) => query.test(readFileSync(path, 'utf8')))).toEqual([]);
  });

  it('do not go by names that say nothing', () => {
    const names = /(?:^|\/)(?:utils?|helpers?|common|misc|manager)(?:\.ts$|\/)/;

    expect(sources.filter((path) => names.test(path))).toEqual([]);
  });
});

describe('emails/', () => {
  const templates = readdirSync('emails').filter((name) => name !== 'layouts' && name !== 'partials');

  it.each(templates)('%s has a template, a subject and sample data', (name) => {
    expect(existsSync(`emails/${name}/template.mjml`)).toBe(true);
    expect(readFileSync(`emails/${name}/subject.txt`, 'utf8').trim()).not.toBe('');
    expect(JSON.parse(readFileSync(`emails/${name}/sample.json`, 'utf8'))).toBeTypeOf('object');
  });
});

describe('the README', () => {
  it('has a row for each setting and no other', () => {
    const rows = readFileSync('README.md', 'utf8')
      .split('\n')
      .filter((line) => /^\|\s*`[A-Z]/.test(line));
    const names = rows.flatMap((row) =>
      [...(row.split('|')[1] ?? '').matchAll(/`([A-Z][A-Z_]+)`/g)].map((match) => match[1]),
    );

    expect(names).toHaveLength(SETTING_NAMES.length);
    expect(new Set(names)).toEqual(new Set(SETTING_NAMES));
  });
});
