import { z } from 'zod';
import { AppError } from '../shared/app-error.ts';
import type { ErrorKind, FieldProblem } from '../shared/app-error.ts';
import { isDatabaseUnavailable, isRolledBack, isUnstorableText } from '../platform/postgres/index.ts';

/** RFC 9457 problem document. `code` is stable; the texts may change. */
export interface Problem {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly FieldProblem[];
  readonly [detail: string]: unknown;
}

const STATUS_OF_KIND: Readonly<Record<ErrorKind, number>> = {
  input: 422,
  not_found: 404,
  conflict: 409,
  unauthenticated: 401,
  forbidden: 403,
  rate_limited: 429,
  unavailable: 503,
  render: 422,
  setting: 503,
};

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Not acceptable as it is',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Temporarily unavailable',
};

/** Any thrown value as an AppError, or undefined when it is a bug of ours. */
export function toAppError(error: unknown): AppError | undefined {
  if (error instanceof AppError) {
    return error;
  }
  if (error instanceof z.ZodError) {
    return invalidInput(error);
  }
  if (isDatabaseUnavailable(error)) {
    return new AppError(
      'unavailable',
      'database_unavailable',
      'The database does not answer. Nothing was stored; try again.',
      {
        cause: error,
        retryAfterSeconds: 10,
      },
    );
  }
  if (isRolledBack(error)) {
    return new AppError(
      'unavailable',
      'busy',
      'Somebody changed the same at this moment. Nothing was stored; try again.',
      {
        cause: error,
        retryAfterSeconds: 1,
      },
    );
  }
  if (isUnstorableText(error)) {
    return new AppError('input', 'malformed_text', 'The request holds a character that no text may hold.', {
      details: { status: 400 },
    });
  }
  return bodyParserError(error);
}

function invalidInput(error: z.ZodError): AppError {
  const fields = error.issues.map((issue) => ({
    field: issue.path.join('.'),
    code: issue.code === 'custom' ? String(issue.params?.['code'] ?? 'invalid') : issue.code,
    message: issue.message,
  }));
  return new AppError('input', 'invalid_input', 'Some fields are missing or not valid.', { fields });
}

/** body-parser throws http-errors with `type` and `status`. */
function bodyParserError(error: unknown): AppError | undefined {
  const { type, status } = (error ?? {}) as { type?: unknown; status?: unknown };
  if (typeof status !== 'number' || status < 400 || status >= 500) {
    return undefined;
  }
  switch (type) {
    case 'entity.too.large':
    case 'parameters.too.many':
      return new AppError('input', 'body_too_large', 'The request is larger than this address accepts.', {
        details: { status: 413 },
      });
    case 'entity.parse.failed':
      return new AppError('input', 'malformed_body', 'The request body could not be read.', {
        details: { status: 400 },
      });
    default:
      return new AppError('input', 'bad_request', 'The request could not be read.', {
        details: { status: status === 404 ? 404 : 400 },
      });
  }
}

export function statusOf(error: AppError): number {
  const { status } = error.details;
  return typeof status === 'number' ? status : STATUS_OF_KIND[error.kind];
}

export function toProblem(error: AppError | undefined): Problem {
  if (error === undefined) {
    return {
      type: 'about:blank',
      title: 'Internal error',
      status: 500,
      code: 'internal_error',
      detail: 'Something went wrong on our side. It has been logged.',
    };
  }
  const status = statusOf(error);
  const { status: _status, ...details } = error.details;
  return {
    ...details,
    type: 'about:blank',
    title: TITLES[status] ?? 'Error',
    status,
    code: error.code,
    detail: error.message,
    ...(error.fields.length > 0 ? { errors: error.fields } : {}),
  };
}
