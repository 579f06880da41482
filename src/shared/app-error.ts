/** What kind of trouble it is; borders (HTTP, CLI, worker) branch on this and on `code`, never on the text. */
export const ERROR_KINDS = [
  'input',
  'not_found',
  'conflict',
  'unauthenticated',
  'forbidden',
  'rate_limited',
  'unavailable',
  'render',
  'setting',
] as const;
export type ErrorKind = (typeof ERROR_KINDS)[number];

export interface FieldProblem {
  /** Dotted path of the field as the caller sent it. */
  readonly field: string;
  readonly code: string;
  readonly message: string;
}

type Detail = string | number | boolean | null;
type Details = Readonly<Record<string, Detail | Readonly<Record<string, unknown>>>>;

export interface AppErrorOptions {
  readonly cause?: unknown;
  readonly retryable?: boolean;
  readonly fields?: readonly FieldProblem[];
  /** Facts for the caller. Never an address, a name, an IP or a token. */
  readonly details?: Details;
  readonly retryAfterSeconds?: number;
}

/**
 * An error somebody can act on. `code` is stable, snake_case and part of the API; `message` says what is wrong and what
 * to do, and may change.
 */
export class AppError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly retryable: boolean;
  readonly fields: readonly FieldProblem[];
  readonly details: Details;
  readonly retryAfterSeconds: number | undefined;

  constructor(kind: ErrorKind, code: string, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.kind = kind;
    this.code = code;
    this.retryable = options.retryable ?? kind === 'unavailable';
    this.fields = options.fields ?? [];
    this.details = options.details ?? {};
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

export function inputError(code: string, message: string, options?: AppErrorOptions): AppError {
  return new AppError('input', code, message, options);
}

export function notFound(code: string, message: string): AppError {
  return new AppError('not_found', code, message);
}

export function conflict(code: string, message: string, options?: AppErrorOptions): AppError {
  return new AppError('conflict', code, message, options);
}

export function unavailable(code: string, message: string, cause?: unknown): AppError {
  return new AppError('unavailable', code, message, { cause });
}

/** A wrong or missing setting: the process ends with exit code 78 (EX_CONFIG) before it listens. */
export function settingError(variable: string, message: string): AppError {
  return new AppError('setting', 'setting_invalid', `${variable}: ${message}`);
}

/** For catch blocks: whatever was thrown, as an Error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
