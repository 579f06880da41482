import { writeFile } from 'node:fs/promises';
import type { Deps } from '../compose.ts';
import { CLI_ACTOR } from '../shared/actor.ts';
import { inputError } from '../shared/app-error.ts';
import type { ParsedAddress } from '../shared/email-address.ts';
import type { Output } from './output.ts';

/** JSON on stdout, and the printable page into a file that nobody but its owner may read. */
export async function exportEvidence(
  deps: Deps,
  output: Output,
  address: ParsedAddress,
  options: { readonly html?: string; readonly locale: string },
): Promise<void> {
  const { collectEvidence, renderEvidence } = await import('../rights/index.ts');
  const { matchLocale } = await import('../i18n/index.ts');
  const evidence = await collectEvidence(deps, { kind: 'address', address }, CLI_ACTOR);
  if (options.html !== undefined) {
    await writePage(options.html, await renderEvidence(evidence, matchLocale(options.locale)));
    output.note(`To print: ${options.html}`);
  }
  output.result(JSON.stringify(evidence, null, 2), evidence);
}

async function writePage(file: string, page: string): Promise<void> {
  try {
    await writeFile(file, page, { mode: 0o600 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw inputError('file_unwritable', `${file}: it cannot be written (${code ?? 'error'})`, { cause: error });
  }
}
