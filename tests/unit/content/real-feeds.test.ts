import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readFeed } from '../../../src/content/index.ts';
import { NOW } from './fixtures.ts';

/** Real feeds that lie beside the repository on some machines; our own fixtures cover the rules without them. */
const FOLDER = fileURLToPath(new URL('../../../../shared/data/feeds/', import.meta.url));

/** Pieces of articles and a web page: everything else in the folder is a feed, some of them barely. */
const NOT_FEEDS = new Map([
  ['AmazonWebServicesBlogFirstEntryContent.xml', 'feed_unrecognised'],
  ['HREFConsideredHarmfulFirstEntry.xml', 'feed_unrecognised'],
  ['PaulDixExplainsNothingFirstEntryContent.xml', 'feed_unrecognised'],
  ['TechCrunchFirstEntry.xml', 'feed_unrecognised'],
  ['TechCrunchFirstEntryDescription.xml', 'feed_unrecognised'],
  ['TenderLovemakingFirstEntry.xml', 'feed_unrecognised'],
  ['unrecognized.rss', 'feed_is_html'],
]);

function files(): readonly string[] {
  return ['feedjira', 'rss-parser'].flatMap((folder) =>
    readdirSync(`${FOLDER}${folder}`).flatMap((name) => (name === 'LICENSE' ? [] : [`${folder}/${name}`])),
  );
}

function readFile(path: string) {
  const bytes = readFileSync(`${FOLDER}${path}`);
  return readFeed({ bytes, contentType: undefined, url: `https://feeds.example/${path}`, now: NOW });
}

describe.runIf(existsSync(FOLDER))('real feeds', () => {
  test('67 are read and 7 refused, each with its reason', () => {
    const readings = files().map((path) => [path.replace(/^.*\//, ''), readFile(path)] as const);
    const refused = readings.flatMap(([name, found]) => (found.kind === 'not-a-feed' ? [[name, found.reason]] : []));
    expect(new Map(refused as [string, string][])).toEqual(NOT_FEEDS);
    expect(readings.length - refused.length).toBe(67);
    const withoutItems = readings.filter(([, found]) => found.kind === 'feed' && found.items.length === 0);
    expect(withoutItems.map(([name]) => name)).toEqual(['incomplete-fields.atom']); // Its one entry has no field at all.
  }, 30_000);

  test('three papers come out as a reader would want them', () => {
    const lead = (path: string) => {
      const reading = readFile(path);
      return reading.kind === 'feed' ? reading.items[0] : undefined;
    };
    expect(lead('rss-parser/guardian.rss')).toMatchObject({
      title: 'Trump State of the Union address promised unity but emphasized discord',
      url: 'https://www.theguardian.com/us-news/2018/jan/31/donald-trump-state-of-the-union-address-unity-discord',
      author: 'David Smith in Washington',
      publishedAt: new Date('2018-01-31T07:26:05Z'),
      imageUrl: expect.stringContaining('w=460') as string,
    });
    expect(lead('rss-parser/heise.atom')).toMatchObject({
      title: 'Java-Anwendungsserver: Red Hat gibt WildFly 10 frei',
      url: 'http://www.heise.de/developer/meldung/Java-Anwendungsserver-Red-Hat-gibt-WildFly-10-frei-3088438.html',
      publishedAt: new Date('2016-02-01T16:22:00Z'),
    });
    expect(lead('feedjira/HuffPostCanada.xml')).toMatchObject({
      title: 'Winnipeg High School Orders Custom Hijabs For Muslim Athletes',
      author: 'Canadian Press',
      imageAlt: expect.stringContaining('About 50 female students') as string,
    });
  });
});
