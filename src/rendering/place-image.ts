interface FoundImage {
  readonly imageUrl?: string | undefined;
  readonly imageAlt?: string | undefined;
  readonly imageWidth?: number | undefined;
  readonly imageHeight?: number | undefined;
  readonly url: string;
  readonly title: string;
}

export interface PlacedImage {
  readonly url: string;
  readonly alt: string;
  /** wide: across the sheet, above the headline. thumb: beside it. */
  readonly place: 'wide' | 'thumb';
  readonly width: number;
  /** Null where the feed does not say the sizes. */
  readonly height: number | null;
}

const SHEET_WIDTH = 552;
const THUMB_WIDTH = 120;
/** Smaller is a button or a counter of readers. */
const LEAST_WIDTH = 60;
/** Below it a picture would be blown up until its dots show. */
const LEAST_LEAD_WIDTH = 400;
/** Height by width; taller would push the headline off the first screen. */
const TALLEST_LEAD = 0.8;
const TALLEST_THUMB = 1.5;

/** Where an article's picture goes, or null: without an address to open, or too small or too tall to be one. */
export function placeImage(article: FoundImage, isLead: boolean): PlacedImage | null {
  const { imageUrl, imageAlt, imageWidth, imageHeight, url, title } = article;
  if (imageUrl === undefined || imageUrl === '' || url === '') {
    return null;
  }
  if ((imageWidth ?? LEAST_WIDTH) < LEAST_WIDTH || (imageHeight ?? LEAST_WIDTH) < LEAST_WIDTH) {
    return null;
  }
  const ratio = imageWidth === undefined || imageHeight === undefined ? undefined : imageHeight / imageWidth;
  const isWide = isLead && (imageWidth ?? SHEET_WIDTH) >= LEAST_LEAD_WIDTH && (ratio ?? 0) <= TALLEST_LEAD;
  if (!isWide && (ratio ?? 1) > TALLEST_THUMB) {
    return null;
  }
  const width = isWide ? SHEET_WIDTH : THUMB_WIDTH;
  return {
    url: imageUrl,
    // It is a link, so it has to say something.
    alt: imageAlt === undefined || imageAlt === '' ? title : imageAlt,
    place: isWide ? 'wide' : 'thumb',
    width,
    height: ratio === undefined ? null : Math.round(width * ratio),
  };
}
