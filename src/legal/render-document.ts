import MarkdownIt from 'markdown-it';
import { directionOf, formatDay } from '../i18n/index.ts';
import { documentUrl, isInEffect } from './legal-document.ts';
import type { LegalDocument } from './legal-document.ts';

/**
 * The publisher writes Markdown, but an admin account is not a reason to run scripts on readers: no HTML (S2). No images
 * either: what a version says stands in it, and not behind an address whose answer may change.
 */
const markdownIt = new MarkdownIt({ html: false, linkify: true }).disable('image');

/** A version to be shown; a draft is shown as the version that it would become. */
export interface ShownDocument extends Pick<
  LegalDocument,
  'kind' | 'locale' | 'version' | 'title' | 'hash' | 'publishedAt'
> {
  readonly markdown: string;
}

/** What the view needs. `all` are the versions that the page links to, `locale` is the language of the page around the text. */
export function describeDocument(
  document: ShownDocument,
  all: readonly LegalDocument[],
  locale: string,
  now: Date,
): Readonly<Record<string, unknown>> {
  const inEffect = all.filter((other) => other.kind === document.kind && isInEffect(other, now));
  const versions = inEffect
    .filter((other) => other.locale === document.locale)
    .sort((a, b) => b.version - a.version)
    .map((other) => ({
      version: other.version,
      url: other.url,
      date: formatDay(locale, other.publishedAt),
      isShown: other.version === document.version,
    }));
  const [current] = versions;
  return {
    // Not `locale`, which is the language of the page around the text.
    locale,
    documentLocale: document.locale,
    documentDir: directionOf(document.locale),
    language: nameLanguage(locale, document.locale),
    title: document.title,
    version: document.version,
    hash: document.hash,
    publishedAt: formatDay(locale, document.publishedAt),
    sourceUrl: all.some(({ url }) => url === documentUrl(document)) ? `${documentUrl(document)}.md` : null,
    currentUrl: current === undefined || current.version <= document.version ? null : current.url,
    versions,
    translations: listTranslations(inEffect, document.locale),
    bodyHtml: markdownIt.render(document.markdown),
  };
}

/** The current text in each other language; samples only where there is nothing else. */
function listTranslations(inEffect: readonly LegalDocument[], shownLocale: string) {
  const hasOwn = inEffect.some((document) => !document.isSample);
  const current = [...Map.groupBy(inEffect, (document) => document.locale)].map(([locale, versions]) => ({
    locale,
    newest: versions.reduce((a, b) => (b.version > a.version ? b : a)),
  }));
  return current
    .filter(({ locale, newest }) => locale !== shownLocale && !(hasOwn && newest.isSample))
    .sort((a, b) => a.locale.localeCompare(b.locale))
    .map(({ locale, newest }) => ({ locale, url: newest.url, name: nameLanguage(locale, locale) }));
}

/** `German` where English is read, `Deutsch` where German is. */
function nameLanguage(inLocale: string, locale: string): string {
  return new Intl.DisplayNames([inLocale], { type: 'language' }).of(locale) ?? locale;
}
