import { readFile } from 'node:fs/promises';
import { renderView } from '../http/index.ts';
import type { Evidence } from './evidence.ts';
import { presentEvidence } from './present-evidence.ts';

export const EVIDENCE_VIEW = 'rights/views/evidence';
const STYLES = new URL('../http/assets/evidence.css', import.meta.url);

/** The printable page as one file that needs nothing else. */
export async function renderEvidence(evidence: Evidence, locale: string): Promise<string> {
  const inlineCss = await readFile(STYLES, 'utf8');
  return renderView(EVIDENCE_VIEW, { ...presentEvidence(evidence, locale), inlineCss });
}
