import { expect, it } from 'vitest';
import { placeImage } from '../../../src/rendering/place-image.ts';

const article = { title: 'Title', url: 'https://example.org/a', imageUrl: 'https://example.org/a.jpg' };

it('sets the picture of the lead across the sheet, with the height that it will have', () => {
  const image = { ...article, imageAlt: 'A quay', imageWidth: 1200, imageHeight: 600 };

  expect(placeImage(image, true)).toEqual({
    url: article.imageUrl,
    alt: 'A quay',
    place: 'wide',
    width: 552,
    height: 276,
  });
  expect(placeImage(image, false)).toMatchObject({ place: 'thumb', width: 120, height: 60 });
});

it('does not guess a height that the feed does not say', () => {
  expect(placeImage(article, true)).toMatchObject({ place: 'wide', height: null });
});

it.each([
  ['too small for the sheet', { imageWidth: 200, imageHeight: 150 }],
  ['upright', { imageWidth: 900, imageHeight: 1200 }],
])('sets a lead picture that is %s beside the headline', (_name, size) => {
  expect(placeImage({ ...article, ...size }, true)).toMatchObject({ place: 'thumb' });
});

it.each([
  ['a counter of readers', { imageWidth: 1, imageHeight: 1 }],
  ['a banner turned upright', { imageWidth: 120, imageHeight: 600 }],
  ['a picture without an article to open', { url: '' }],
  ['no picture', { imageUrl: '' }],
])('leaves out %s', (_name, change) => {
  expect(placeImage({ ...article, ...change }, true)).toBeNull();
});

it('says the title where the feed has no words for the picture, since it is a link', () => {
  expect(placeImage(article, false)).toMatchObject({ alt: 'Title' });
});
