import mjml2html from 'mjml';
import type { MailProblem } from './problems.ts';

export type MjmlOutcome =
  | { readonly ok: true; readonly html: string }
  | { readonly ok: false; readonly problems: readonly MailProblem[] };

/**
 * MJML to HTML. Validation is strict and includes stay off (CVE-2020-12827, CVE-2025-67898); no web fonts, which would
 * tell a third party who reads. MJML's own minifier is left out: it wants cssnano and takes ten times as long.
 */
export async function compileMjml(source: string): Promise<MjmlOutcome> {
  try {
    const { html } = await mjml2html(source, {
      validationLevel: 'strict',
      ignoreIncludes: true,
      keepComments: false,
      fonts: {},
    });
    return { ok: true, html: squeeze(html) };
  } catch (error) {
    return { ok: false, problems: toProblems(error) };
  }
}

/** A tenth of MJML's output is indentation. Line breaks stay, and preformatted text is left alone. */
function squeeze(html: string): string {
  return html
    .split(/(<pre\b[\s\S]*?<\/pre>)/i)
    .map((part, index) => (index % 2 === 1 ? part : part.replace(/\s*\n\s*/g, '\n')))
    .join('')
    .trim();
}

/** MJML throws an Error with a list of findings, or one with a plain message when there is no tree at all. */
function toProblems(error: unknown): MailProblem[] {
  if (!(error instanceof Error)) {
    throw error;
  }
  const findings = 'errors' in error && Array.isArray(error.errors) ? error.errors : [];
  const problems = findings.filter(isFinding).map(({ line, message, tagName }) => ({
    code: 'mjml_invalid' as const,
    where: 'body' as const,
    line,
    message: `${tagName}: ${message}`,
  }));
  const said = error.message.split('\n', 1)[0] ?? '';
  return problems.length > 0 ? problems : [{ code: 'mjml_invalid', where: 'body', line: 1, message: said }];
}

function isFinding(value: unknown): value is { line: number; message: string; tagName: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'line' in value &&
    typeof value.line === 'number' &&
    'message' in value &&
    typeof value.message === 'string' &&
    'tagName' in value
  );
}
