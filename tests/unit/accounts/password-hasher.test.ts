import { expect, it } from 'vitest';
import { createPasswordHasher } from '../../../src/accounts/password-hasher.ts';
import { systemRandom } from '../../../src/shared/random.ts';

it('stores argon2id with its costs and a salt of its own, and knows the password again', async () => {
  const hasher = createPasswordHasher(systemRandom);

  const [one, two] = await Promise.all([hasher.hash('quiet river'), hasher.hash('quiet river')]);

  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  expect(one).not.toBe(two);
  expect(await hasher.verify('quiet river', one)).toBe(true);
  expect(await hasher.verify('quiet River', one)).toBe(false);
});

it('takes the same characters however a system composes them', async () => {
  const hasher = createPasswordHasher(systemRandom);
  const stored = await hasher.hash('caf\u00e9 au lait');
  expect(await hasher.verify('cafe\u0301 au lait', stored)).toBe(true);
});

it('verifies by the costs that a hash was made with', async () => {
  const hasher = createPasswordHasher(systemRandom);
  // argon2id of "password" with salt "somesalt", from the reference implementation's test file (m=256 KiB, t=2, p=1).
  const reference = '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4';
  expect(await hasher.verify('password', reference)).toBe(true);
});

it('says no where there is nothing to compare with, after the same work', async () => {
  const hasher = createPasswordHasher(systemRandom);
  expect(await hasher.verify('', undefined)).toBe(false);
});

it('turns away a flood instead of queueing it for minutes', async () => {
  const hasher = createPasswordHasher(systemRandom);

  const outcomes = await Promise.allSettled(Array.from({ length: 30 }, () => hasher.verify('guess', undefined)));

  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(refused).toHaveLength(12);
  expect(refused[0]?.reason).toMatchObject({ code: 'too_many_attempts', retryAfterSeconds: 5 });
});
