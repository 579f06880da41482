import { parseFeed } from 'feedsmith';
import { readFeed } from '../../src/content/index.ts';
import { compare } from '../figure.ts';
import type { Figure } from '../figure.ts';
import { medianBy } from '../statistics.ts';
import type { FeedFile } from './feed-files.ts';

const ROUNDS = 5;

interface Round {
  readonly oursMs: number;
  readonly parserMs: number;
}

/**
 * Our reader beside the parser that it is built on, alone, on the same bytes in turns. Ours also finds the encoding,
 * refuses what is dangerous, makes addresses absolute and canonical, and cleans the HTML of every item.
 */
export function measureParsing(all: readonly FeedFile[]): {
  readonly figures: readonly Figure[];
  readonly note: string;
} {
  const files = all.filter(isReadByParser);
  const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
  const items = files.reduce((sum, file) => sum + file.itemCount, 0);
  const run = (): Round => ({ oursMs: timeOf(files, readOurs), parserMs: timeOf(files, parseAlone) });
  run();
  const { oursMs, parserMs } = medianBy(Array.from({ length: ROUNDS }, run), (round) => round.oursMs);
  const perSecond = (amount: number, ms: number): number => amount / (ms / 1000);
  const megabytes = bytes / 1e6;
  return {
    figures: [
      compare({
        figure: 'reading feeds, cleaned and checked; limit: feedsmith alone',
        value: perSecond(megabytes, oursMs),
        unit: 'MB/s',
        limit: perSecond(megabytes, parserMs),
      }),
      compare({
        figure: 'the same in items',
        value: perSecond(items, oursMs),
        unit: 'items/s',
        limit: perSecond(items, parserMs),
      }),
    ],
    note: `parsing: the ${files.length} files that feedsmith reads as they are, ${ROUNDS} rounds in turns, the median`,
  };
}

function timeOf(files: readonly FeedFile[], read: (file: FeedFile) => void): number {
  const startedAt = performance.now();
  for (const file of files) {
    read(file);
  }
  return performance.now() - startedAt;
}

function readOurs({ bytes }: FeedFile): void {
  readFeed({ bytes, contentType: undefined, url: 'https://paper.example/feed', now: new Date() });
}

function parseAlone({ bytes }: FeedFile): void {
  parseFeed(bytes.toString('utf8'));
}

function isReadByParser(file: FeedFile): boolean {
  try {
    parseAlone(file);
    return true;
  } catch {
    return false;
  }
}
