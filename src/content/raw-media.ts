import type { MediaNs } from 'feedsmith';
import type { RawImage } from './raw-feed.ts';

interface MediaParts {
  readonly contents?: readonly MediaNs.Content[];
  readonly thumbnails?: readonly MediaNs.Thumbnail[];
  readonly groups?: readonly MediaNs.Group[];
}

/** Images of Media RSS, the largest first: publishers list one picture in several widths (the Guardian does). */
export function readMediaImages(media: MediaParts | undefined): RawImage[] {
  const parts: readonly MediaParts[] = media === undefined ? [] : [media].concat(media.groups ?? []);
  const images: RawImage[] = [];
  for (const { contents, thumbnails } of parts) {
    images.push(...(contents ?? []).flatMap(readContent), ...(thumbnails ?? []).flatMap(readThumbnail));
  }
  return images.sort((a, b) => (b.width ?? 0) - (a.width ?? 0));
}

function readContent(content: MediaNs.Content): RawImage[] {
  const { url, width, height, medium, type, duration, description, thumbnails } = content;
  const isImage = medium === 'image' || type?.startsWith('image/') === true;
  const mayBeImage = medium === undefined && type === undefined && duration === undefined;
  const own = url !== undefined && (isImage || mayBeImage) ? [{ url, width, height, alt: description?.value }] : [];
  return [...own, ...(thumbnails ?? []).flatMap(readThumbnail)];
}

function readThumbnail({ url, width, height }: MediaNs.Thumbnail): RawImage[] {
  return url === undefined ? [] : [{ url, width, height }];
}
