import { READABLE, contrastOf } from './contrast.ts';
import type { LintWatch, Report } from './lint-watch.ts';

interface Surroundings {
  readonly name: string;
  /** Undefined where it is said in a way that is not read here. */
  readonly color: string | undefined;
  readonly background: string | undefined;
  readonly isLarge: boolean;
  readonly isHidden: boolean;
}

/** WCAG 2.2, 1.4.3: from 24 px, or 18.66 px bold. */
const LARGE_PX = 24;
const LARGE_BOLD_PX = 18.66;
const READABLE_LARGE = 3;
const NAMED: Readonly<Record<string, string>> = { white: '#ffffff', black: '#000000', red: '#ff0000', gray: '#808080' };
const SILENT = new Set(['style', 'title', 'script']);
const VOID = new Set(['br', 'img', 'meta', 'hr', 'col', 'wbr', 'link']);

/** Follows colours as they are written into the tags, which is where mails have them. */
export function createContrastWatch(report: Report): LintWatch {
  const path: Surroundings[] = [{ name: '', color: '#000000', background: '#ffffff', isLarge: false, isHidden: false }];
  return {
    open: (name, attributes) => {
      const outside = path.at(-1);
      if (outside !== undefined && !VOID.has(name)) {
        path.push(enter(name, attributes, outside));
      }
    },
    text: (words) => {
      const { color, background, isLarge, isHidden } = path.at(-1) ?? {};
      if (color === undefined || background === undefined || isHidden === true || !/[\p{L}\p{N}]/u.test(words)) {
        return;
      }
      const least = isLarge === true ? READABLE_LARGE : READABLE;
      if (contrastOf(color, background) < least) {
        report('contrast_low', `text in ${color} on ${background} is hard to read; it needs a contrast of ${least}:1`);
      }
    },
    close: (name) => {
      if (path.at(-1)?.name === name && path.length > 1) {
        path.pop();
      }
    },
  };
}

function enter(name: string, attributes: Readonly<Record<string, string>>, outside: Surroundings): Surroundings {
  const style = readStyle(attributes['style'] ?? '');
  const background = style['background-color'] ?? firstWord(style['background']) ?? attributes['bgcolor'];
  const color = style['color'] ?? attributes['color'];
  const size = Number(/^([\d.]+)px$/.exec(style['font-size'] ?? '')?.[1] ?? Number.NaN);
  const isBold = /^(?:bold|[6-9]00)$/.test(style['font-weight'] ?? '') || /^h[1-6]$/.test(name);
  return {
    name,
    color: color === undefined ? (linkColor(name, attributes) ?? outside.color) : readColor(color, outside.color),
    background: background === undefined ? outside.background : readColor(background, outside.background),
    isLarge: Number.isNaN(size) ? outside.isLarge : size >= (isBold ? LARGE_BOLD_PX : LARGE_PX),
    isHidden: outside.isHidden || SILENT.has(name) || style['display'] === 'none',
  };
}

/** Blue, where nobody says otherwise. */
function linkColor(name: string, attributes: Readonly<Record<string, string>>): string | undefined {
  return name === 'a' && attributes['href'] !== undefined ? '#0000ee' : undefined;
}

function readStyle(style: string): Readonly<Record<string, string | undefined>> {
  const pairs = style.split(';').map((rule): [string, string] => {
    const [property = '', ...value] = rule.split(':');
    return [property.trim().toLowerCase(), value.join(':').replace('!important', '').trim().toLowerCase()];
  });
  return Object.fromEntries(pairs);
}

function firstWord(value: string | undefined): string | undefined {
  return value?.split(' ', 1)[0];
}

function readColor(value: string, inherited: string | undefined): string | undefined {
  if (/^(?:inherit|transparent|none)$/.test(value)) {
    return inherited;
  }
  const short = /^#([\da-f])([\da-f])([\da-f])$/i.exec(value);
  if (short !== null) {
    return `#${[short[1], short[2], short[3]].map((digit) => `${digit}${digit}`).join('')}`.toLowerCase();
  }
  return /^#[\da-f]{6}$/i.test(value) ? value.toLowerCase() : NAMED[value];
}
