import { escapeHtml } from '../shared/escape-html.ts';
import { cleanLine } from './clean-text.ts';
import type { CompileOutcome } from './compile-outcome.ts';
import type { Building, Parts } from './fill-parts.ts';
import { lintMail } from './lint-mail.ts';
import { tidyText } from './plain-text.ts';
import type { MailProblem } from './problems.ts';
import type { CompiledMail, LogicPart, Segment } from './segments.ts';
import type { TemplateName } from './templates.ts';

/** R14: Gmail clips at 102 kB and some phones earlier; a reader's own links take their share. */
export const MAX_HTML_BYTES = 90_000;
const SLOT_BYTES = 200;

/** Mails that somebody is subscribed to, so that they have to say how to leave. */
const LIST_MAILS: ReadonlySet<TemplateName> = new Set(['campaign', 'digest', 'welcome']);

export interface FinishedMail {
  readonly mail: CompiledMail;
  /** Of the HTML, for a reader with long links. */
  readonly bytes: number;
}

/** The parts as segments, with slots where the marks were. */
export function finishMail({ marks }: Building, template: TemplateName, parts: Parts): FinishedMail {
  const asIs = (text: string): string => text;
  const html = marks.split(parts.html, 'html', escapeHtml);
  const line = (source: string): Segment[] => marks.split(cleanLine(source, Infinity), 'text', asIs);
  return {
    bytes: measure(html, marks.logic.parts),
    mail: {
      template,
      subject: line(parts.subject),
      preheader: line(parts.preheader),
      html,
      text: marks.split(tidyText(parts.text), 'text', asIs),
    },
  };
}

/** A mail that nobody can leave is refused; whatever else the linter finds is said, and the mail may go out. */
export function judgeMail(
  { marks }: Building,
  template: TemplateName,
  parts: Parts,
  made: FinishedMail,
): CompileOutcome {
  const mayLeave = marks.has(parts.html, 'links.unsubscribe') && marks.has(parts.text, 'links.unsubscribe');
  if (LIST_MAILS.has(template) && !mayLeave) {
    const message = 'the mail has no link to unsubscribe in one of its parts';
    return { ok: false, problems: [{ code: 'unsubscribe_missing', where: 'body', message }] };
  }
  const tooLarge: MailProblem = {
    code: 'mail_too_large',
    where: 'body',
    message: `the mail is ${Math.ceil(made.bytes / 1000)} kB; above 90 kB mailbox providers cut its end off`,
  };
  const found = lintMail(parts).map((problem) => ({ ...problem, message: marks.describe(problem.message) }));
  return { ok: true, mail: made.mail, warnings: [...(made.bytes > MAX_HTML_BYTES ? [tooLarge] : []), ...found] };
}

/** Of branches the heaviest arm counts. */
function measure(segments: readonly Segment[], parts: readonly LogicPart[]): number {
  return segments.reduce((sum, segment) => {
    if (typeof segment === 'string') {
      return sum + Buffer.byteLength(segment);
    }
    const part = 'logic' in segment ? parts[segment.logic] : undefined;
    const isBranch = part?.kind === 'branch';
    return sum + (isBranch ? Math.max(0, ...part.arms.map((arm) => measure(arm, parts))) : SLOT_BYTES);
  }, 0);
}
