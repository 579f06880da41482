import { InvalidArgumentError } from 'commander';
import { z } from 'zod';
import type { ChainHead, ConsentVerification } from '../consent/index.ts';
import type { Deps } from '../compose.ts';
import { AppError, inputError } from '../shared/app-error.ts';
import type { Output } from './output.ts';
import { readGivenText } from './read-given-file.ts';
import type { Terminal } from './terminal.ts';

/** A line for each so many records where none can be drawn over. */
const LINE_EACH = 250_000;
const REDRAW_EVERY_MS = 200;

type VerifyDeps = Pick<Deps, 'db' | 'keyring'>;

/** @throws AppError `consent_tampered` that names the first thing found. */
export async function verifyChain(
  deps: VerifyDeps,
  io: { readonly output: Output; readonly terminal: Terminal },
  headsFile: string | undefined,
): Promise<void> {
  const { CHAIN_PROBLEMS, verifyConsent } = await import('../consent/index.ts');
  const heads = headsFile === undefined ? [] : parseHeads(await readGivenText(headsFile));
  const found = await verifyConsent(deps, { heads, onProgress: showProgress(io.terminal) });
  if (found.kind === 'tampered') {
    const { problem, sealId, recordId } = found;
    const place = [
      ...(recordId === null ? [] : [`record ${recordId}`]),
      ...(sealId === null ? [] : [`seal ${sealId}`]),
    ].join(', ');
    throw new AppError(
      'conflict',
      'consent_tampered',
      `${problem}${place === '' ? '' : ` (${place})`}: ${CHAIN_PROBLEMS[problem]}`,
      { details: { problem, sealId, recordId } },
    );
  }
  io.output.result(describeIntact(found, heads.length), found);
}

function describeIntact(found: Extract<ConsentVerification, { kind: 'intact' }>, heads: number): readonly string[] {
  return [
    `intact: ${found.records} records in ${found.seals} seals, head ${found.head}`,
    ...(heads === 0 ? [] : [`exported heads found again: ${heads}`]),
    ...(found.erasedValues === 0
      ? []
      : [`personal values erased, each with a record that says so: ${found.erasedValues}`]),
    `records not sealed yet: ${found.unsealed}`,
  ];
}

function showProgress(terminal: Terminal): (records: number, total: number) => void {
  let drawnAtMs = 0;
  let nextLine = LINE_EACH;
  return (records, total) => {
    const line = `${Math.floor((100 * records) / Math.max(total, 1))} % ${records}/${total} records`;
    if (terminal.canRedraw && performance.now() - drawnAtMs > REDRAW_EVERY_MS) {
      drawnAtMs = performance.now();
      terminal.redraw(line);
    } else if (!terminal.canRedraw && records >= nextLine) {
      nextLine = records + LINE_EACH;
      terminal.note(line);
    }
  };
}

/** With or without --json a line of JSON each, so that a file of them can be appended to. */
export async function printHeads(deps: VerifyDeps, output: Output, after: number | undefined): Promise<void> {
  const { readHeads, readNewestHead } = await import('../consent/index.ts');
  const print = (head: ChainHead): void => output.result(JSON.stringify(head), head);
  if (after !== undefined) {
    for await (const head of readHeads(deps.db, after)) {
      print(head);
    }
    return;
  }
  const newest = await readNewestHead(deps.db);
  if (newest === undefined) {
    output.note('Nothing is sealed yet.');
  } else {
    print(newest);
  }
}

const headSchema = z.object({ sealId: z.number().int().positive(), hash: z.string().regex(/^[\da-f]{64}$/) });

/** @throws AppError `heads_invalid` that names the line. */
function parseHeads(text: string): readonly Pick<ChainHead, 'sealId' | 'hash'>[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.flatMap((line, index) => (line === '' ? [] : [parseHead(line, index + 1)]));
}

function parseHead(line: string, number: number): Pick<ChainHead, 'sealId' | 'hash'> {
  let head: unknown;
  try {
    head = JSON.parse(line);
  } catch {
    head = undefined;
  }
  const parsed = headSchema.safeParse(head);
  if (!parsed.success) {
    throw inputError('heads_invalid', `line ${number} is not a head; give a file that \`consent heads\` wrote`);
  }
  return parsed.data;
}

export function toSealId(text: string): number {
  if (!/^\d{1,15}$/.test(text)) {
    throw new InvalidArgumentError('It must be the id of a seal, or 0.');
  }
  return Number(text);
}
