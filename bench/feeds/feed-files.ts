import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readFeed } from '../../src/content/index.ts';

/** Where real feeds lie beside the repository on some machines. FEEDS_FOLDER names another place. */
const BESIDE = fileURLToPath(new URL('../../../shared/data/feeds/', import.meta.url));
const MADE_FILES = 60;
const MADE_ITEMS = 30;

export interface FeedFile {
  readonly name: string;
  readonly bytes: Buffer;
  readonly itemCount: number;
}

export interface FeedFiles {
  readonly files: readonly FeedFile[];
  /** For the reader of the figures: whose files. */
  readonly note: string;
}

/** All that are feeds of FEEDS_FOLDER, else of the folder beside the repository, else some that are made here. */
export async function loadFeedFiles(): Promise<FeedFiles> {
  const given = process.env['FEEDS_FOLDER'] || undefined;
  const folder = given ?? (existsSync(BESIDE) ? BESIDE : undefined);
  const files = folder === undefined ? makeFiles() : await readFolder(folder);
  if (files.length === 0) {
    throw new Error('there is no feed in FEEDS_FOLDER');
  }
  const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
  const items = files.reduce((sum, file) => sum + file.itemCount, 0);
  const whose = folder === undefined ? 'made by the benchmark (FEEDS_FOLDER names real ones)' : 'real feeds';
  return { files, note: `${files.length} files, ${Math.round(bytes / 1024)} kB, ${items} items: ${whose}` };
}

async function readFolder(folder: string): Promise<readonly FeedFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files: FeedFile[] = [];
  for (const path of paths.sort()) {
    const bytes = await readFile(path);
    const reading = readFeed({ bytes, contentType: undefined, url: undefined, now: new Date() });
    if (reading.kind === 'feed' && reading.items.length > 0) {
      files.push({ name: path.slice(folder.length), bytes, itemCount: reading.items.length });
    }
  }
  return files;
}

/** Of about the size of real ones: thirty articles with their texts in HTML. */
function makeFiles(): readonly FeedFile[] {
  return Array.from({ length: MADE_FILES }, (_, file) => {
    const items = Array.from({ length: MADE_ITEMS }, (_item, item) => makeItem(file, item)).join('');
    const xml = `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Paper ${file}</title><link>https://paper${file}.example/</link>${items}</channel></rss>`;
    return { name: `made-${file}.xml`, bytes: Buffer.from(xml), itemCount: MADE_ITEMS };
  });
}

function makeItem(file: number, item: number): string {
  const url = `https://paper${file}.example/articles/${item}`;
  const date = new Date(Date.UTC(2026, 10, 1, item)).toUTCString();
  const sentence = `In district ${item} of city ${file} the council has decided about its bridges, and what it costs. `;
  const html = `<p>${sentence.repeat(6)}</p><p><img src="https://paper${file}.example/${item}.jpg" alt="A bridge" width="640"> <a href="${url}">More</a></p>`;
  return `<item><title>What became of bridge ${item} in city ${file}</title><link>${url}</link><guid isPermaLink="false">${file}-${item}</guid><pubDate>${date}</pubDate><category>City</category><description>${sentence}</description><content:encoded><![CDATA[${html.repeat(2)}]]></content:encoded></item>`;
}
