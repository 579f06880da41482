import { describe, expect, it } from 'vitest';
import { keyInUseAt, parseMailDomain, parseSelector, stateOfKey } from '../../../src/dkim/dkim-key.ts';
import type { DkimKey } from '../../../src/dkim/dkim-key.ts';

const at = (hour: number): Date => new Date(Date.UTC(2026, 10, 22, hour));

function keyOf(id: number, from: number, until?: number): DkimKey {
  const publicKey = Buffer.from('');
  const retiredAt = until === undefined ? null : at(until);
  return {
    id,
    domain: 'a.example',
    selector: `s${id}`,
    publicKey,
    createdAt: at(from),
    signsFrom: at(from),
    retiredAt,
  };
}

describe('which key is in use', () => {
  const keys = [keyOf(1, 1), keyOf(2, 5, 9), keyOf(3, 7)];

  it.each([
    ['none before the first', 0, undefined],
    ['the first from its moment on', 1, 1],
    ['the newer one from its moment on', 5, 2],
    ['the newest', 8, 3],
  ])('is %s', (_, hour, id) => {
    expect(keyInUseAt(keys, at(hour))?.id).toBe(id);
    expect(keyInUseAt(keys.toReversed(), at(hour))?.id).toBe(id);
  });

  it('is the one before when the newer was retired by then, and was the newer until then', () => {
    const two = [keyOf(1, 1), keyOf(2, 5, 9)];
    expect(keyInUseAt(two, at(8))?.id).toBe(2);
    expect(keyInUseAt(two, at(9))?.id).toBe(1);
  });

  it('is the later made of two that begin together', () => {
    expect(keyInUseAt([keyOf(2, 1), keyOf(1, 1)], at(3))?.id).toBe(2);
  });

  it('names the state of each', () => {
    expect(keys.map((key) => stateOfKey(key, keys, at(6)))).toEqual(['replaced', 'signing', 'waiting']);
    expect(keys.map((key) => stateOfKey(key, keys, at(10)))).toEqual(['replaced', 'retired', 'signing']);
  });
});

describe('a domain of mail', () => {
  it.each([
    ['Example.ORG', 'example.org'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['_dmarc.example.org', undefined],
    ['example', undefined],
    ['a@example.org', undefined],
    ['example.org/path', undefined],
    ['-a.example', undefined],
    ['', undefined],
  ])('%s is %s', (text, domain) => {
    expect(parseMailDomain(text)).toBe(domain);
  });

  it('has selectors of labels', () => {
    expect(['S1', 'a.b-c', 'a_b', '', '-a', 'a b', 'a;b'].map(parseSelector)).toEqual([
      's1',
      'a.b-c',
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
