import { createHash } from 'node:crypto';
import { contrastOf, makeReadable, READABLE } from '../rendering/index.ts';
import type { ArchiveBrand, ArchivedNewsletter } from './archived-newsletter.ts';

/* The grounds of site.css that letters in the accent colour stand on: of each scheme the one that is hardest to read on. */
const GROUND = '#f1ede6';
const GROUND_DARK = '#22201d';
const ON_ACCENT_DARK = '#1a1917';
const FOOT = '#645c53';
/** For a link under the pointer: clearly more than has to be. */
const STRONG = 7;

/**
 * A publisher's colours and type as a style sheet of ours, since no page may hold a style of its own. Colours too pale are
 * darkened, and for dark devices lightened, until they can be read. Empty where all is ours.
 */
export function writeBrandStyles({ accentColor, backgroundColor, isSans }: ArchiveBrand): string {
  const light: string[] = [];
  const dark: string[] = [];
  if (accentColor !== null) {
    light.push(
      `--accent:${makeReadable(accentColor, GROUND)}`,
      `--accent-strong:${makeReadable(accentColor, GROUND, STRONG)}`,
    );
    const bright = makeReadable(accentColor, GROUND_DARK, READABLE + 1);
    dark.push(`--accent:${bright}`, `--accent-strong:${makeReadable(bright, GROUND_DARK, STRONG + 2)}`);
    dark.push(`--on-accent:${makeReadable(ON_ACCENT_DARK, bright)}`);
  }
  if (backgroundColor !== null) {
    light.push(`--paper:${backgroundColor}`, `--foot:${footOn(backgroundColor)}`);
  }
  if (isSans) {
    light.push('--serif:var(--sans)');
  }
  const sheet = light.length === 0 ? '' : `:root{${light.join(';')}}\n`;
  // The foot stands on our own ground in the dark.
  const back = backgroundColor === null ? [] : ['--paper:#0f0e0d', '--foot:var(--soft)'];
  const darkRules = [...dark, ...back];
  return sheet + (darkRules.length === 0 ? '' : `@media (prefers-color-scheme:dark){:root{${darkRules.join(';')}}}\n`);
}

/** Undefined where all is ours. Another look has another address, so that browsers may keep each. */
export function brandStylesPath({ slug, brand }: ArchivedNewsletter): string | undefined {
  const styles = writeBrandStyles(brand);
  const version = createHash('sha256').update(styles).digest('hex').slice(0, 12);
  return styles === '' ? undefined : `/archive/${slug}/brand.css?v=${version}`;
}

function footOn(background: string): string {
  return contrastOf(FOOT, background) >= READABLE ? FOOT : makeReadable(FOOT, background);
}
