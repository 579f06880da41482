import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { statusOf, toAppError, toProblem } from '../../../src/http/problem.ts';
import { AppError, ERROR_KINDS, inputError } from '../../../src/shared/app-error.ts';

const STATUS = {
  input: 422,
  not_found: 404,
  conflict: 409,
  unauthenticated: 401,
  forbidden: 403,
  rate_limited: 429,
  unavailable: 503,
  render: 422,
  setting: 503,
} as const;

function problemOf(error: unknown): ReturnType<typeof toProblem> {
  return toProblem(toAppError(error));
}

function zodErrorOf(schema: z.ZodType, value: unknown): unknown {
  return schema.safeParse(value).error;
}

describe('a problem document', () => {
  it.each(ERROR_KINDS)('has a status of its own for an error of kind %s', (kind) => {
    const problem = problemOf(new AppError(kind, 'some_code', 'What is wrong and what to do.'));

    expect(problem).toEqual({
      type: 'about:blank',
      title: expect.stringMatching(/^[A-Z]/),
      status: STATUS[kind],
      code: 'some_code',
      detail: 'What is wrong and what to do.',
    });
  });

  it('carries the facts of the error, but never lets them replace its own members', () => {
    const details = { count: 3, code: 'other', title: 'other', status: 418 };

    const problem = problemOf(new AppError('conflict', 'audience_changed', 'The audience changed.', { details }));

    expect(problem).toMatchObject({ count: 3, code: 'audience_changed', title: 'Error', status: 418 });
  });

  it('names each field that did not pass its schema', () => {
    const schema = z.strictObject({ email: z.string(), nested: z.object({ list: z.array(z.number()) }) });

    const problem = problemOf(zodErrorOf(schema, { nested: { list: ['x'] }, more: 1 }));

    expect(problem).toMatchObject({ status: 422, code: 'invalid_input' });
    expect(problem.errors?.map(({ field, code }) => `${field}:${code}`)).toEqual([
      'email:invalid_type',
      'nested.list.0:invalid_type',
      ':unrecognized_keys',
    ]);
  });

  it.each([
    ['too large a body', { type: 'entity.too.large', status: 413 }, 413, 'body_too_large'],
    ['too many fields', { type: 'parameters.too.many', status: 413 }, 413, 'body_too_large'],
    ['a body that is no JSON', { type: 'entity.parse.failed', status: 400 }, 400, 'malformed_body'],
    ['a charset nobody reads', { type: 'charset.unsupported', status: 415 }, 400, 'bad_request'],
    ['a broken escape in the address', Object.assign(new URIError('x'), { status: 400 }), 400, 'bad_request'],
  ])('tells of %s', (_what, error, status, code) => {
    expect(problemOf(Object.assign(new Error('detail for nobody'), error))).toMatchObject({ status, code });
  });

  it.each(['ECONNREFUSED', 'ECONNRESET', '08006', '57P01', '53300'])(
    'says that the database does not answer (%s), and when to try again',
    (code) => {
      const error = toAppError(Object.assign(new Error('connect'), { code }));

      expect(error).toMatchObject({ code: 'database_unavailable', retryable: true, retryAfterSeconds: 10 });
      expect(error === undefined ? undefined : statusOf(error)).toBe(503);
    },
  );

  it.each([
    ['a constraint that was broken', Object.assign(new Error('Key (address_key)=(x) exists'), { code: '23505' })],
    ['a thrown string', 'oops'],
    ['nothing at all', undefined],
    ['a client error that pretends', { status: 500 }],
  ])('keeps %s to itself', (_what, error) => {
    expect(problemOf(error)).toEqual({
      type: 'about:blank',
      title: 'Internal error',
      status: 500,
      code: 'internal_error',
      detail: expect.not.stringContaining('address_key'),
    });
  });

  it('blames the request for a character that cannot be stored', () => {
    const error = Object.assign(new Error('invalid byte sequence for encoding "UTF8": 0x00'), { code: '22021' });

    expect(problemOf(error)).toMatchObject({ status: 400, code: 'malformed_text' });
  });

  it('keeps the problems of fields in the order they were found', () => {
    const fields = ['email', 'terms'].map((field) => ({ field, code: 'missing', message: `${field} is missing` }));

    expect(problemOf(inputError('missing', 'Please check.', { fields })).errors).toEqual(fields);
  });
});
