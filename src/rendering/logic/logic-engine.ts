import { Liquid } from 'liquidjs';

/** Each takes text and gives text, hardly longer than what it was given. */
export const LOGIC_FILTERS = [
  'default',
  'upcase',
  'downcase',
  'capitalize',
  'strip',
  'truncate',
  'append',
  'prepend',
  'first_word',
] as const;

const TAGS: ReadonlySet<string> = new Set(['if', 'unless', 'case']);
const FILTERS: ReadonlySet<string> = new Set(LOGIC_FILTERS);

const MAX_SOURCE = 100_000;
const MAX_RENDER_MS = 1000;
const MAX_MEMORY = 1_000_000;

/**
 * Liquid without loops, variables, files and most filters: whatever its source, it ends after as many steps as the source has
 * tags. What authors write is checked before (read-merge-fields); this is the second fence.
 */
export function createLogicEngine(): Liquid {
  const liquid = new Liquid({
    templates: {},
    ownPropertyOnly: true,
    strictFilters: true,
    parseLimit: MAX_SOURCE,
    renderLimit: MAX_RENDER_MS,
    memoryLimit: MAX_MEMORY,
  });
  for (const name of Object.keys(liquid.tags)) {
    if (!TAGS.has(name)) {
      delete liquid.tags[name];
    }
  }
  liquid.registerFilter('first_word', (value: unknown) => (typeof value === 'string' ? firstWord(value) : ''));
  for (const name of Object.keys(liquid.filters)) {
    if (!FILTERS.has(name)) {
      liquid.unregisterFilter(name);
    }
  }
  return liquid;
}

function firstWord(text: string): string {
  return text.trim().split(/\s/, 1)[0] ?? '';
}
