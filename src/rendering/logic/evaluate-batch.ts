import type { Liquid, Template } from 'liquidjs';
import type { LogicAnswer, LogicBatch, LogicReader } from './logic-batch.ts';

/** Longer than any name; what is longer is no value that belongs in a mail. */
const MAX_TEXT = 10_000;

type Parsed = readonly Template[] | { readonly message: string };

/** Evaluates each source for each reader. What fails for one reader does not touch the others. */
export function evaluateBatch(liquid: Liquid, batch: LogicBatch): LogicAnswer[] {
  const parsed = batch.sources.map((source) => parse(liquid, source));
  return batch.readers.map((reader) =>
    evaluateFor(liquid, parsed, { subscriber: reader, newsletter: batch.newsletter }),
  );
}

function parse(liquid: Liquid, source: string): Parsed {
  try {
    return liquid.parse(source);
  } catch (error) {
    return { message: describe(error) };
  }
}

function evaluateFor(
  liquid: Liquid,
  parsed: readonly Parsed[],
  scope: { readonly subscriber: LogicReader; readonly newsletter: LogicBatch['newsletter'] },
): LogicAnswer {
  const texts: string[] = [];
  for (const [source, template] of parsed.entries()) {
    if ('message' in template) {
      return { reason: 'template', source, message: template.message };
    }
    try {
      const text = String(liquid.renderSync([...template], scope));
      if (text.length > MAX_TEXT) {
        return { reason: 'template', source, message: `gives more than ${MAX_TEXT} characters` };
      }
      texts.push(text);
    } catch (error) {
      return { reason: 'template', source, message: describe(error) };
    }
  }
  return texts;
}

/** A RangeError of a source nested too deep is as good a reason as Liquid's own. */
function describe(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]?.slice(0, 300) ?? '';
}
