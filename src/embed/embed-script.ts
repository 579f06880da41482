import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { unavailable } from '../shared/app-error.ts';

const DIST = new URL('../../embed/dist/', import.meta.url);

/** The scripts for pages of other people (embed/): the element, and the solver that it loads when it has to. */
export const EMBED_SCRIPTS = ['embed.js', 'embed-challenge.js'] as const;
export type EmbedScriptName = (typeof EMBED_SCRIPTS)[number];

export interface EmbedScript {
  readonly body: Buffer;
  readonly gzipped: Buffer;
  /** Of the content: pages that name it may keep the file for ever. */
  readonly version: string;
}

/** Reads each script once. */
export function createEmbedScripts(): (name: EmbedScriptName) => Promise<EmbedScript> {
  const loaded = new Map<EmbedScriptName, EmbedScript>();
  return async (name) => {
    const script = loaded.get(name) ?? (await loadScript(name));
    loaded.set(name, script);
    return script;
  };
}

async function loadScript(name: EmbedScriptName): Promise<EmbedScript> {
  try {
    const body = await readFile(new URL(name, DIST));
    return { body, gzipped: gzipSync(body), version: createHash('sha256').update(body).digest('hex').slice(0, 12) };
  } catch (error) {
    throw unavailable('embed_not_built', 'The script of the sign-up form is not built. Run: npm run prepare', error);
  }
}
