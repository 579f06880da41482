import { describe, expect, it } from 'vitest';
import { createKeyring, openSealedSecret, sealSecret } from '../../../src/shared/keyring.ts';
import { systemRandom } from '../../../src/shared/random.ts';

const OLD = 'the secret of last year, which is long enough';
const NEW = 'the secret of this year, which is long enough';
const SECRET = Buffer.from('a private key');

const seal = (secrets: readonly string[]) =>
  sealSecret({ keyring: createKeyring(secrets), random: systemRandom }, 'row/1', SECRET);
const open = (secrets: readonly string[], context: string, sealed: ReturnType<typeof seal>) =>
  openSealedSecret(createKeyring(secrets), context, sealed);

describe('a sealed secret', () => {
  it('opens with the key it was sealed under, also when another one signs by now', () => {
    const sealed = seal([OLD]);
    expect(sealed.bytes.includes(SECRET)).toBe(false);
    expect(open([OLD], 'row/1', sealed)).toEqual(SECRET);
    expect(open([NEW, OLD], 'row/1', sealed)).toEqual(SECRET);
  });

  it('is different bytes each time', () => {
    expect(seal([OLD]).bytes.equals(seal([OLD]).bytes)).toBe(false);
  });

  it('opens nowhere else: not without its key, not for another row, not when a bit of it changed or some of it is gone', () => {
    const sealed = seal([OLD]);
    expect(open([NEW], 'row/1', sealed)).toBeUndefined();
    expect(open([NEW], 'row/1', { ...sealed, keyId: createKeyring([NEW]).signingKeyId })).toBeUndefined();
    expect(open([OLD], 'row/2', sealed)).toBeUndefined();
    for (let index = 0; index < sealed.bytes.length; index += 1) {
      const changed = Buffer.from(sealed.bytes);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(open([OLD], 'row/1', { ...sealed, bytes: changed })).toBeUndefined();
      expect(open([OLD], 'row/1', { ...sealed, bytes: sealed.bytes.subarray(0, index) })).toBeUndefined();
    }
  });
});
