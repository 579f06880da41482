import { CommanderError } from 'commander';
import { z } from 'zod';
import { EXIT_FAILED, EXIT_OK, EXIT_SETTING } from '../platform/lifecycle/index.ts';
import { isDatabaseUnavailable } from '../platform/postgres/index.ts';
import { AppError, asError, inputError, unavailable } from '../shared/app-error.ts';
import type { FieldProblem } from '../shared/app-error.ts';

/** EX_USAGE is 64; programs of today say 2. */
const EXIT_USAGE = 2;
/** PostgreSQL: undefined_table. */
const NO_SUCH_TABLE = '42P01';

/** How a command ends that did not succeed. */
export interface Failure {
  readonly exitCode: number;
  /** Null when it was said already: the text of --help, commander's own message. */
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly errors?: readonly FieldProblem[];
    readonly [detail: string]: unknown;
  } | null;
}

export function toFailure(thrown: unknown): Failure {
  if (thrown instanceof CommanderError) {
    return { exitCode: isHelp(thrown) ? EXIT_OK : EXIT_USAGE, error: null };
  }
  const error = toAppError(thrown);
  if (error === undefined) {
    return { exitCode: EXIT_FAILED, error: { code: 'internal_error', message: oneLine(asError(thrown).message) } };
  }
  const { code, message, fields, details, kind } = error;
  return {
    exitCode: kind === 'setting' ? EXIT_SETTING : EXIT_FAILED,
    error: { ...details, code, message: oneLine(message), ...(fields.length > 0 ? { errors: fields } : {}) },
  };
}

/** Asked for, not shown because no command was given. */
function isHelp(error: CommanderError): boolean {
  return error.code === 'commander.helpDisplayed' || error.code === 'commander.version';
}

function toAppError(thrown: unknown): AppError | undefined {
  if (thrown instanceof AppError) {
    return thrown;
  }
  if (thrown instanceof z.ZodError) {
    const fields = thrown.issues.map(({ path, code, message }) => ({ field: path.join('.'), code, message }));
    return inputError('invalid_input', fields.map(({ field, message }) => `${field}: ${message}`).join('; '), {
      fields,
    });
  }
  if (isDatabaseUnavailable(thrown)) {
    return unavailable('database_unavailable', 'PostgreSQL does not answer; nothing was changed', thrown);
  }
  if ((thrown as { code?: unknown } | null)?.code === NO_SUCH_TABLE) {
    return unavailable(
      'schema_missing',
      'the database has no tables of this version yet; run: courant migrate',
      thrown,
    );
  }
  return undefined;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').trim();
}
