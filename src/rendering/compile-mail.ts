import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { CompileOutcome } from './compile-outcome.ts';
import type { MailTemplates } from './mail-templates.ts';
import type { MailProblem } from './problems.ts';
import { VARIANT_SCHEMAS } from './variant.ts';
import type { CleanMailInput, MailInput } from './variant.ts';

/**
 * Compiles a mail once for all its readers: MJML to HTML, the plain text part and the subject, with slots for what
 * differs from reader to reader. The same input gives the same result, so it may be stored under the hash of its input.
 */
export function compileMail(deps: { mailTemplates: MailTemplates }, input: MailInput): Promise<CompileOutcome> {
  const parsed = VARIANT_SCHEMAS[input.template].safeParse(input.variant);
  if (!parsed.success) {
    return Promise.resolve({ ok: false, problems: toProblems(parsed.error) });
  }
  const clean = { template: input.template, variant: parsed.data } as CleanMailInput;
  const key = createHash('sha256').update(JSON.stringify(clean)).digest('hex');
  const known = deps.mailTemplates.compiled.get(key);
  if (known !== undefined) {
    return known;
  }
  const building = build(deps.mailTemplates, clean, key);
  deps.mailTemplates.compiled.set(key, building);
  return building;
}

async function build(mailTemplates: MailTemplates, input: CleanMailInput, key: string): Promise<CompileOutcome> {
  try {
    // MJML, Markdown and the HTML parsers take about 40 MB: a process that never compiles never loads them.
    const { buildMail } = await import('./build-mail.ts');
    return await buildMail(mailTemplates, input, key);
  } catch (error) {
    mailTemplates.compiled.delete(key);
    throw error;
  }
}

function toProblems(error: z.ZodError): MailProblem[] {
  return error.issues.map((issue) => ({
    code: 'variant_invalid',
    where: 'variant',
    message: `${issue.path.join('.')}: ${issue.message}`,
  }));
}
