import { describe, expect, it } from 'vitest';
import { createKeyring } from '../../../src/shared/keyring.ts';
import { issueChallenge, readProof } from '../../../src/signup-guard/proof-of-work.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { solve } from '../../support/solve-challenge.ts';

const SECRET = 'a secret of the tests that is long enough';
const keyring = createKeyring([SECRET]);

describe('the proof of work', () => {
  it('is a solved challenge of ours, which names itself so that it can be used up', async () => {
    const deps = { keyring, clock: createFakeClock(new Date()) };
    const challenge = await issueChallenge(deps);

    const id = await readProof(deps, await solve(challenge));

    expect(id).toBe(challenge.parameters.nonce);
    expect(JSON.stringify(challenge)).not.toContain(SECRET);
  });

  it('is good for 20 minutes, and through a change of keys', async () => {
    const clock = createFakeClock(new Date());
    const proof = await solve(await issueChallenge({ keyring, clock }));
    const rotated = createKeyring(['another secret, which is as long as it must be', SECRET]);

    clock.advance(20 * 60_000 - 2000);
    expect(await readProof({ keyring: rotated, clock }, proof)).toBeDefined();
    clock.advance(3000);
    expect(await readProof({ keyring: rotated, clock }, proof)).toBeUndefined();
  });

  it('is nothing else', async () => {
    const deps = { keyring, clock: createFakeClock(new Date()) };
    const challenge = await issueChallenge(deps);
    const payload = JSON.parse(Buffer.from(await solve(challenge), 'base64').toString()) as {
      challenge: { parameters: Record<string, unknown>; signature: string };
      solution: Record<string, unknown>;
    };
    const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64');
    const { challenge: solved, solution } = payload;
    const changed = (parameters: Record<string, unknown>): string =>
      encode({ ...payload, challenge: { ...solved, parameters: { ...solved.parameters, ...parameters } } });
    const stranger = createKeyring(['c'.repeat(40)]);

    const proofs = [
      undefined,
      '',
      'no base64 ✗',
      encode(null),
      encode('text'),
      encode({ challenge: solved }),
      encode({ ...payload, solution: { ...solution, derivedKey: '00'.repeat(32) } }),
      encode({ ...payload, challenge: { ...solved, signature: '00'.repeat(32) } }),
      changed({ expiresAt: 9_999_999_999 }),
      changed({ cost: 1 }),
      changed({ keyPrefix: '00' }),
      changed({ __proto__: null, extra: 'x' }),
      await solve(await issueChallenge({ ...deps, keyring: stranger })),
    ];

    expect(await Promise.all(proofs.map((proof) => readProof(deps, proof)))).toEqual(proofs.map(() => undefined));
  });
});
