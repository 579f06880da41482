/** WCAG 2.2, 1.4.3: what text has to reach against what it stands on. */
export const READABLE = 4.5;

type Rgb = readonly [red: number, green: number, blue: number];

const BLACK: Rgb = [0, 0, 0];
const WHITE: Rgb = [255, 255, 255];
const STEPS = 100;
/** Where black and white are equally far away, by the formula below. */
const MIDDLE = 0.179;

/** From 1 to 21, of two colours as `#rrggbb`. */
export function contrastOf(a: string, b: string): number {
  const [lighter, darker] = [luminanceOf(parse(a)), luminanceOf(parse(b))].toSorted((x, y) => y - x);
  return ((lighter ?? 0) + 0.05) / ((darker ?? 0) + 0.05);
}

/** The colour nearest to `color` that can be read on `background`: mixed with black on a light one, with white on a dark one. */
export function makeReadable(color: string, background: string, least = READABLE): string {
  const end = luminanceOf(parse(background)) > MIDDLE ? BLACK : WHITE;
  for (let step = 0; step < STEPS; step += 1) {
    const mixed = write(mix(parse(color), end, step / STEPS));
    if (contrastOf(mixed, background) >= least) {
      return mixed;
    }
  }
  return write(end);
}

function parse(color: string): Rgb {
  const value = Number.parseInt(color.slice(1), 16);
  return [(value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff];
}

function write(rgb: Rgb): string {
  return `#${rgb.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;
}

function mix(from: Rgb, to: Rgb, share: number): Rgb {
  const part = (index: 0 | 1 | 2): number => from[index] + (to[index] - from[index]) * share;
  return [part(0), part(1), part(2)];
}

/** Relative luminance, WCAG 2.2. */
function luminanceOf([red, green, blue]: Rgb): number {
  const linear = (part: number): number => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}
