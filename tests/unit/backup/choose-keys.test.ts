import { describe, expect, it } from 'vitest';
import { chooseKeys } from '../../../src/backup/choose-keys.ts';
import { createKeyring, keyCheckValue } from '../../../src/shared/keyring.ts';

const OLD = 'an old secret that is long enough to be one';
const NEW = 'the newer secret, also long enough to be one';
const OTHER = 'somebody else’s secret, of which we know nothing';

function backupOf(keys: readonly string[], isWithKeys = true) {
  const keyring = createKeyring(keys);
  const keyChecks = Object.fromEntries([...keyring.keys.keys()].map((id) => [String(id), keyCheckValue(keyring, id)]));
  return { keys: isWithKeys ? [...keys] : null, keyChecks };
}

describe('chooseKeys', () => {
  it('takes the keys of the backup when there are no others', () => {
    expect(chooseKeys(backupOf([NEW, OLD]), { given: undefined, stored: undefined })).toEqual({
      keys: [NEW, OLD],
      from: 'backup',
    });
  });

  it('takes what is set, then what DATA_DIR holds, if all keys of the backup are among them', () => {
    expect(chooseKeys(backupOf([OLD], false), { given: [NEW, OLD], stored: undefined }).from).toBe('given');
    expect(chooseKeys(backupOf([OLD]), { given: undefined, stored: [OLD] }).from).toBe('stored');
  });

  it('refuses others by the name of the setting', () => {
    expect(() => chooseKeys(backupOf([OLD]), { given: [OTHER], stored: undefined })).toThrow(/^SECRET_KEY: is not/);
    expect(() => chooseKeys(backupOf([NEW, OLD]), { given: [NEW], stored: undefined })).toThrow(/^SECRET_KEY: is not/);
    expect(() => chooseKeys(backupOf([OLD]), { given: undefined, stored: [OTHER] })).toThrow(/^DATA_DIR: its file/);
  });

  it('asks for the keys of a backup that was made without', () => {
    expect(() => chooseKeys(backupOf([OLD], false), { given: undefined, stored: undefined })).toThrow(/without keys/);
  });
});
