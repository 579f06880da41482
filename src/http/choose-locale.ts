import type { Request, Response } from 'express';
import { DEFAULT_LOCALE, findLocale, LOCALES } from '../i18n/index.ts';

/**
 * The language of a page: what the reader chose (`?lang=`), then what the page they came through was in (`known`: the request,
 * the subscriber, the form), then Accept-Language.
 */
export function chooseLocale(req: Request, known: string | null = null): string {
  const chosen = typeof req.query['lang'] === 'string' ? findLocale(req.query['lang']) : undefined;
  return chosen ?? findLocale(known ?? '') ?? acceptedLocale(req);
}

/** What the browser asks for, whatever was chosen. */
export function acceptedLocale(req: Request): string {
  return req.acceptsLanguages(...LOCALES) || DEFAULT_LOCALE;
}

/** The language of the page that is being answered, as `chooseLocale` found it. */
export function localeOf(res: Response): string {
  const { locale } = res.locals as { locale?: unknown };
  return typeof locale === 'string' ? locale : DEFAULT_LOCALE;
}
