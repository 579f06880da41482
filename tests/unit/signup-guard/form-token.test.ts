import { describe, expect, it } from 'vitest';
import { issueFormToken, readFormToken } from '../../../src/signup-guard/index.ts';
import { createKeyring, deriveToken } from '../../../src/shared/keyring.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const keyring = createKeyring(['a secret of the tests that is long enough']);
const DAY_MS = 86_400_000;

describe('a form token (R38)', () => {
  it.each([
    ['at once', 0, 'young'],
    ['after less than two seconds', 1900, 'young'],
    ['after two seconds', 2000, 'genuine'],
    ['after a long night', DAY_MS - 1000, 'genuine'],
    ['after a day', DAY_MS, 'stale'],
  ])('that comes back %s is %s', (_when, ageMs, state) => {
    const clock = createFakeClock();
    const token = issueFormToken({ keyring, clock });

    clock.advance(ageMs);

    expect(readFormToken({ keyring, clock }, token)).toBe(state);
  });

  it.each([
    ['nothing', undefined],
    ['an empty field', ''],
    ['made up', 'x'.repeat(32)],
    ['a token of another page', deriveToken(keyring, 'confirm', 1_790_000_000)],
    [
      'a token under another key',
      issueFormToken({ keyring: createKeyring(['b'.repeat(40)]), clock: createFakeClock() }),
    ],
  ])('is none when it is %s', (_what, token) => {
    expect(readFormToken({ keyring, clock: createFakeClock() }, token)).toBe('none');
  });

  it('of another server whose clock is ahead is young, and not forged', () => {
    const ahead = createFakeClock('2026-11-23T07:00:03Z');

    expect(readFormToken({ keyring, clock: createFakeClock() }, issueFormToken({ keyring, clock: ahead }))).toBe(
      'young',
    );
  });
});
