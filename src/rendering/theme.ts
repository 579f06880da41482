import { makeReadable } from './contrast.ts';
import { widthOf } from './text-width.ts';
import type { CleanBrand } from './variant.ts';

/** The colours and letters of a mail. */
export interface Theme {
  readonly fontFamily: string;
  /** Of the newsletter's name, by its length, so that it fills a line and no more. */
  readonly nameSize: string;
  readonly phoneNameSize: string;
  readonly nameWeight: string;
  readonly isSans: boolean;
  /** Around the sheet. */
  readonly canvas: string;
  readonly accent: string;
  readonly onAccent: string;
  /** In dark mode. */
  readonly accentDark: string;
  readonly onAccentDark: string;
  /** Null without a logo: then the name stands there, set in type. */
  readonly logo: { readonly url: string; readonly alt: string; readonly width: number } | null;
  readonly footerLines: readonly string[];
}

const SHEET = '#ffffff';
const SHEET_DARK = '#1a1917';
const ACCENT = '#8f1d1d';
const ACCENT_DARK = '#ef9c91';
/** More than has to be: a colour that is only just readable looks dull in the dark. */
const BRIGHT = 6;
const CANVAS = '#f1ede6';
const LOGO_WIDTH = 220;

// Faces for Arabic and Hebrew stand behind the Latin ones, which have no such letters.
const SERIF = "Georgia, 'Times New Roman', Times, 'Noto Naskh Arabic', 'Geeza Pro', 'Noto Serif Hebrew', serif";
const SANS = "-apple-system, 'Segoe UI', Roboto, Helvetica, Arial, 'Noto Sans Arabic', sans-serif";

/** What a publisher chose, made readable: a colour too pale for the sheet is darkened, for dark mode lightened. */
export function themeOf(brand: CleanBrand | undefined, name: string): Theme {
  const chosen = brand?.accentColor ?? ACCENT;
  const isSans = brand?.font === 'sans';
  return {
    fontFamily: isSans ? SANS : SERIF,
    nameSize: `${sizeFor(name, NAME_SIZES)}px`,
    phoneNameSize: `${sizeFor(name, PHONE_NAME_SIZES)}px`,
    nameWeight: isSans ? '800' : 'bold',
    isSans,
    canvas: brand?.backgroundColor ?? CANVAS,
    accent: makeReadable(chosen, SHEET),
    // Readable on the sheet, so the sheet's colour is readable on it.
    onAccent: SHEET,
    accentDark: brand?.accentColor === undefined ? ACCENT_DARK : makeReadable(chosen, SHEET_DARK, BRIGHT),
    onAccentDark: SHEET_DARK,
    logo:
      brand?.logoUrl === undefined || brand.logoUrl === ''
        ? null
        : { url: brand.logoUrl, alt: brand.logoAlt || name, width: brand.logoWidth ?? LOGO_WIDTH },
    footerLines: (brand?.footerText ?? '').split('\n').filter((line) => line.trim() !== ''),
  };
}

const NAME_SIZES = [46, 38, 31, 25] as const;
const PHONE_NAME_SIZES = [36, 29, 25, 22] as const;

function sizeFor(name: string, [short, medium, long, longest]: readonly [number, number, number, number]): number {
  const width = widthOf(name);
  return width <= 16 ? short : width <= 24 ? medium : width <= 36 ? long : longest;
}
