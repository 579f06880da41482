import type { Context, Liquid } from 'liquidjs';
import { translatorFor } from './translate.ts';
import type { MessageValues } from './catalogue.ts';

type NamedValue = readonly [name: string, value: unknown];

/**
 * `{{ 'section.name' | t: count: 3 }}`: the text in the language that the scope names as `locale`. It is escaped like any other
 * output. `t_html` is for a sentence with markup in it: the text is escaped, the values are markup already (captured from
 * the template), and the result goes through `raw`.
 */
export function registerTranslation(engine: Liquid, escape: (text: string) => string): void {
  engine.registerFilter('t', function translate(this: { context: Context }, key: unknown, ...values: NamedValue[]) {
    return translatorFor(localeIn(this.context))(String(key), toValues(values));
  });
  engine.registerFilter(
    't_html',
    function translateHtml(this: { context: Context }, key: unknown, ...values: NamedValue[]) {
      const named = toValues(values);
      // Values go in after escaping, through marks that no escaping touches.
      const marks = Object.fromEntries(Object.keys(named).map((name, index) => [name, `\u0001${index}\u0001`]));
      const count = typeof named['count'] === 'number' ? { count: named['count'] } : {};
      const text = escape(translatorFor(localeIn(this.context))(String(key), { ...marks, ...count }));
      return Object.values(named).reduce<string>(
        (html, value, index) => html.replaceAll(`\u0001${index}\u0001`, () => String(value)),
        text,
      );
    },
  );
}

function localeIn(context: Context): string {
  const locale: unknown = context.getSync(['locale']);
  if (typeof locale !== 'string') {
    throw new Error('a text to translate, and no locale in the scope');
  }
  return locale;
}

function toValues(values: readonly NamedValue[]): MessageValues {
  return Object.fromEntries(
    values.map(([name, value]) => [name, typeof value === 'number' || typeof value === 'string' ? value : '']),
  );
}
