import { Liquid } from 'liquidjs';
import { registerTranslation } from '../i18n/index.ts';
import { escapeHtml } from '../shared/escape-html.ts';
import { joinLines } from './clean-text.ts';
import { underline, wrapText } from './plain-text.ts';

/** What the templates see. Reader's values are marks at this time. */
export type TemplateScope = Readonly<Record<string, unknown>>;

export interface TemplateFiller {
  /** For MJML: every output is escaped, unless our own template says `raw` of something that was made safe before. */
  fillMarkup(path: string, scope: TemplateScope): Promise<string>;
  /** For subjects and plain text: nothing is escaped, the data were cleaned when they came in. */
  fillText(path: string, scope: TemplateScope): Promise<string>;
}

/**
 * Our own templates only: what authors and feeds write is a value here, never a template. Partials come from the files
 * in memory, so no template can reach the file system.
 */
export function createTemplateFiller(files: Readonly<Record<string, string>>): TemplateFiller {
  const options = {
    templates: { ...files },
    ownPropertyOnly: true,
    strictVariables: true,
    strictFilters: true,
    lenientIf: true,
    parseLimit: 1_000_000,
    renderLimit: 5000,
    memoryLimit: 100_000_000,
  };
  const markup = new Liquid({ ...options, outputEscape: (value: unknown) => escapeHtml(toText(value)) });
  const text = new Liquid(options);
  registerTranslation(markup, escapeHtml);
  registerTranslation(text, (plain) => plain);
  for (const engine of [markup, text]) {
    engine.registerFilter('comma_lines', (value: unknown, locale: unknown) =>
      joinLines(toText(value), commaOf(toText(locale))),
    );
    engine.registerFilter('long_date', (value: unknown, locale: unknown) => formatDay(toText(value), toText(locale)));
    engine.registerFilter('wrap', (value: unknown, width: unknown, first: unknown) =>
      wrapText(toText(value), Number(width), toText(first)),
    );
    engine.registerFilter('underline', (value: unknown) => underline(toText(value)));
  }
  return {
    fillMarkup: async (path, scope) => String(await markup.renderFile(path, scope)),
    fillText: async (path, scope) => String(await text.renderFile(path, scope)),
  };
}

/** The comma of the Arabic script leans the other way. */
function commaOf(locale: string): string {
  return /^(?:ar|fa|ur|ps|sd|ckb)\b/i.test(locale) ? '، ' : ', ';
}

function toText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** The day is a calendar day already, so the zone is fixed to keep it from moving. */
function formatDay(dateIso: string, locale: string): string {
  const format = new Intl.DateTimeFormat(locale, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
  return format.format(new Date(`${dateIso}T00:00:00Z`));
}
