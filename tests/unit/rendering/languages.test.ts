import { describe, expect, it } from 'vitest';
import { directionOf, LOCALES, translatorFor } from '../../../src/i18n/index.ts';
import { readSampleMail, TEMPLATES } from '../../../src/rendering/index.ts';
import type { MailInput } from '../../../src/rendering/index.ts';
import { findEnglish } from '../../support/texts.ts';
import { render } from './mail-inputs.ts';

/** The sample of a mail for a reader, or a newsletter, of another language. */
function sampleIn(
  template: (typeof TEMPLATES)[number],
  locale: string,
): { readonly input: MailInput; readonly dir: string } {
  const { input } = readSampleMail(template);
  const dir = directionOf(locale);
  const { variant } = input;
  const inLanguage =
    'locale' in variant
      ? { ...variant, locale }
      : 'site' in variant
        ? { ...variant, site: { ...variant.site, locale, dir } }
        : { ...variant, newsletter: { ...variant.newsletter, locale, dir } };
  return { input: { template, variant: inLanguage } as MailInput, dir };
}

describe.each(LOCALES)('mails in %s', (locale) => {
  it.each(TEMPLATES)('%s is written in it from the subject to the footer', async (template) => {
    const { input, dir } = sampleIn(template, locale);
    const mail = await render(input, readSampleMail(template).reader);

    expect(mail.html).toMatch(new RegExp(`<html lang="${locale}" dir="${dir}"`));
    expect(findEnglish(Object.values(mail).join('\n'), locale, JSON.stringify(input))).toEqual([]);
  });

  it.each(['digest', 'campaign'] as const)(
    '%s says in it how to leave, also for a country of its own',
    async (template) => {
      const { input } = sampleIn(template, `${locale}-EG`);
      const mail = await render(input);

      expect(mail.html).toContain(`lang="${locale}-EG"`);
      expect(mail.html).toContain(translatorFor(locale)('mail.unsubscribe'));
      expect(mail.text).toContain(`${translatorFor(locale)('mail.preferences')}: https://`);
    },
  );
});
