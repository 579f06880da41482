import { directionOf, translatorFor } from '../i18n/index.ts';
import { escapeHtml } from '../shared/escape-html.ts';
import type { LegalSentence, SignupForm } from '../subscriptions/index.ts';

/** What an admin pastes into an article template. The link inside is for readers without JavaScript. */
export function writeEmbedCode(publicUrl: string, form: SignupForm): string {
  const [newsletter] = form.newsletters;
  const { slug = '', name = '' } = newsletter ?? {};
  const { locale } = form;
  const title = translatorFor(locale)('signup.title_named', { newsletter: name });
  return [
    `<script async src="${escapeHtml(`${publicUrl}/embed.js`)}"></script>`,
    `<courant-signup newsletters="${escapeHtml(slug)}" lang="${locale}">`,
    `  <a href="${escapeHtml(`${publicUrl}/newsletters/${slug}?lang=${locale}`)}">${escapeHtml(title)}</a>`,
    `</courant-signup>`,
  ].join('\n');
}

/**
 * The form as plain HTML with today's words, for pages that may be cached for weeks: it holds no token, so it leads to our own page with
 * what was typed and one button.
 */
export function writeSnippet(publicUrl: string, form: SignupForm): string {
  const { locale } = form;
  const text = translatorFor(locale);
  const hidden = (name: string, value: string): string =>
    `  <input type="hidden" name="${name}" value="${escapeHtml(value)}">`;
  const [slug = '', consent = ''] = [...form.consentTexts][0] ?? [];
  return [
    `<form action="${escapeHtml(`${publicUrl}/subscribe`)}" method="post" lang="${locale}" dir="${directionOf(locale)}">`,
    hidden('newsletters', slug),
    hidden('formId', 'snippet'),
    hidden('formVersion', form.version),
    hidden('locale', locale),
    `  <p><label>${escapeHtml(text('signup.email'))}<br>`,
    `    <input type="email" name="email" autocomplete="email" dir="ltr" maxlength="254" required></label></p>`,
    `  <p><label><input type="checkbox" name="terms" value="true" required>`,
    `    ${linkSentence(publicUrl, form.terms, locale)}</label></p>`,
    `  <p>${linkSentence(publicUrl, form.privacy, locale)}</p>`,
    `  <p>${escapeHtml(consent)}</p>`,
    `  <p><button type="submit">${escapeHtml(text('signup.button'))}</button></p>`,
    `</form>`,
  ].join('\n');
}

function linkSentence(publicUrl: string, { before, word, after, url }: LegalSentence, locale: string): string {
  const document = new URL(url, `${publicUrl}/`);
  document.searchParams.set('lang', locale);
  const link = `<a href="${escapeHtml(document.href)}" target="_blank" rel="noopener">${escapeHtml(word)}</a>`;
  return `${escapeHtml(before)}${link}${escapeHtml(after)}`;
}
