import type { NewsletterId } from '../shared/ids.ts';

export const BRAND_FONTS = ['serif', 'sans'] as const;
export type BrandFont = (typeof BRAND_FONTS)[number];

/** What a publisher's mails and archive pages look like; null: ours. */
export interface Brand {
  readonly newsletterId: NewsletterId;
  /** Shown instead of the newsletter's name; https. */
  readonly logoUrl: string | null;
  readonly logoAlt: string;
  /** In px, as it is shown. */
  readonly logoWidth: number | null;
  /** `#rrggbb` in small letters, as `backgroundColor`. */
  readonly accentColor: string | null;
  readonly backgroundColor: string | null;
  readonly font: BrandFont;
  /** Plain text above the address. */
  readonly footerText: string | null;
}

/** Of a newsletter for which nobody has set any. */
export function defaultBrand(newsletterId: NewsletterId): Brand {
  return {
    newsletterId,
    logoUrl: null,
    logoAlt: '',
    logoWidth: null,
    accentColor: null,
    backgroundColor: null,
    font: 'serif',
    footerText: null,
  };
}
