import { describe, expect, it } from 'vitest';
import { readAnswer, readerAt, signupRequest } from '../../../bench/signup-request.ts';
import { signupBodySchema } from '../../../src/subscriptions/signup-input.ts';

const ANSWER = 'HTTP/1.1 202 Accepted\r\nX-Request-Id: 1\r\nContent-Length: 21\r\n\r\n{"status":"accepted"}';

describe('signupRequest', () => {
  it('is a request that the endpoint takes, with the length of its body', () => {
    const [head = '', body = ''] = signupRequest(readerAt('r', 3, 300)).split('\r\n\r\n');

    expect(signupBodySchema.safeParse(JSON.parse(body)).success).toBe(true);
    expect(head).toContain(`Content-Length: ${Buffer.byteLength(body)}`);
    expect(head).toContain('X-Forwarded-For: 23.1.44.1');
    expect(body).toContain('r-300@r300.example');
  });

  it('comes from a network of its own, with each reader and each round', () => {
    const networks = [0, 1].flatMap((round) =>
      Array.from({ length: 65_536 }, (_, serial) => readerAt('r', round, serial).ip.replace(/\.\d+$/, '')),
    );

    expect(new Set(networks).size).toBe(2 * 65_536);
    expect(readerAt('r', 199, 300_000).ip).toBe('219.147.224.5');
  });
});

describe('readAnswer', () => {
  it('gives the status once the whole answer is there, wherever it was cut on the way', () => {
    for (let length = 0; length < ANSWER.length; length += 1) {
      expect(readAnswer(ANSWER.slice(0, length))).toBeUndefined();
    }
    expect(readAnswer(ANSWER)).toBe(202);
  });

  it('takes an answer without a body as whole after its head', () => {
    expect(readAnswer('HTTP/1.1 204 No Content\r\nDate: today\r\n\r\n')).toBe(204);
  });
});
