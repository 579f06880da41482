import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { openCatalogue } from '../../../src/i18n/catalogue.ts';
import { LOCALES } from '../../../src/i18n/index.ts';

describe('the next language', () => {
  const folder = mkdtempSync(join(tmpdir(), 'courant-locales-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is one file: found, offered and spoken without another line', () => {
    cpSync('src/i18n/locales', folder, { recursive: true });
    const german = readFileSync(join(folder, 'de.json'), 'utf8');
    writeFileSync(
      join(folder, 'nds.json'),
      german.replace('"Deutsch"', '"Plattdüütsch"').replace('"Abonnieren"', '"Bestellen"'),
    );

    const catalogue = openCatalogue(pathToFileURL(`${folder}/`));

    expect(catalogue.locales).toEqual([...LOCALES, 'nds']);
    expect(catalogue.findLocale('nds-NL')).toBe('nds');
    expect(catalogue.translatorFor('nds')('language')).toBe('Plattdüütsch');
    expect(catalogue.translatorFor('nds')('layout.subscribe')).toBe('Bestellen');
  });

  it('has no rival in the code: nothing there names one of the languages but the default', () => {
    const named = new RegExp(`(['"\`])(?:${LOCALES.slice(1).join('|')})\\1`);
    const sources = ['src', 'workers', 'emails'].flatMap((root) =>
      readdirSync(root, { recursive: true, encoding: 'utf8' })
        .filter((path) => /\.(?:ts|liquid|mjml|txt)$/.test(path))
        .map((path) => join(root, path)),
    );
    // Which scripts run from the right is a fact about any language, spoken here or not.
    const culprits = sources.filter(
      (path) => path !== join('src', 'i18n', 'translate.ts') && named.test(readFileSync(path, 'utf8')),
    );

    expect(culprits).toEqual([]);
  });
});
