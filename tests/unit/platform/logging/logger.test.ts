import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { createLogger } from '../../../../src/platform/logging/index.ts';
import { AppError } from '../../../../src/shared/app-error.ts';

function logged(error: Error): { readonly err: Record<string, unknown>; readonly text: string } {
  let text = '';
  const destination = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString();
      done();
    },
  });
  createLogger('info', 'test', destination).error({ err: error }, 'failed');
  return { ...(JSON.parse(text) as { err: Record<string, unknown> }), text };
}

it('tells of a broken constraint where it is, and not the row that broke it', () => {
  const error = Object.assign(
    new Error('duplicate key value violates unique constraint "subscribers_address_key_key"'),
    {
      code: '23505',
      table: 'subscribers',
      constraint: 'subscribers_address_key_key',
      detail: 'Key (address_key)=(reader@example.org) already exists.',
      where: 'SQL statement "insert ... reader@example.org"',
      parameters: ['reader@example.org'],
    },
  );

  const { err, text } = logged(error);

  expect(err).toMatchObject({ code: '23505', table: 'subscribers', constraint: 'subscribers_address_key_key' });
  expect(err['stack']).toContain('logger.test.ts');
  expect(text).not.toContain('reader@example.org');
});

it('keeps a value that did not fit out of the message and the stack', () => {
  const error = Object.assign(new Error('invalid input syntax for type bigint: "reader@example.org"'), {
    code: '22P02',
  });

  const { err, text } = logged(error);

  expect(err).toMatchObject({ code: '22P02', message: 'data exception' });
  expect(err['stack']).toMatch(/^\s+at .*logger\.test\.ts/);
  expect(text).not.toContain('reader@example.org');
});

it('tells of an error of ours its code and what caused it', () => {
  const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

  const { err } = logged(new AppError('unavailable', 'database_unavailable', 'PostgreSQL does not answer', { cause }));

  expect(err).toMatchObject({
    kind: 'unavailable',
    code: 'database_unavailable',
    message: 'PostgreSQL does not answer: connect ECONNREFUSED',
    stack: expect.stringContaining('caused by: Error: connect ECONNREFUSED'),
  });
});
