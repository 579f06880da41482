import type { MailProblem } from './problems.ts';
import type { CompiledMail } from './segments.ts';

export type CompileOutcome =
  | {
      readonly ok: true;
      readonly mail: CompiledMail;
      /** Worth telling the author; the mail may go out. */
      readonly warnings: readonly MailProblem[];
    }
  | { readonly ok: false; readonly problems: readonly MailProblem[] };
