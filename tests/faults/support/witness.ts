import type { SinkEntry } from '../../../src/demo/sink-log.ts';

/** What one mail says about whom it is for, in all places that say so. */
interface WitnessFacts {
  /** Of the To header. */
  readonly to: string;
  /** Paths with a personal token, such as `unsubscribe AbC…`, of header and body. */
  readonly links: readonly string[];
  /** Names of readers that occur, in the greeting or elsewhere. */
  readonly names: readonly string[];
}

/** A line of the sink's log. */
export interface Witness extends SinkEntry, WitnessFacts {}

const PERSONAL_LINK = /\/([a-z-]+)\/([\w-]{32})(?![\w-])/g;

export function readWitnessFacts(raw: Buffer): WitnessFacts {
  const text = raw
    .toString('latin1')
    .replaceAll(/=\r\n/g, '')
    .replaceAll(/=([\dA-F]{2})/g, (_, octet: string) => String.fromCodePoint(Number.parseInt(octet, 16)))
    .replaceAll(/\r\n[ \t]/g, ' ');
  const links = [...text.matchAll(PERSONAL_LINK)].map(([, path, token]) => `${path} ${token}`);
  return {
    to: /^to:\s*(?:.*<)?([^<>\s]+@[^<>\s]+)>?\s*$/im.exec(text)?.[1] ?? '',
    links: [...new Set(links)],
    names: [...new Set(text.match(/\bN\d+N\b/g))],
  };
}
