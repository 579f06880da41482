import { settingError } from '../shared/app-error.ts';
import { createKeyring, keyCheckValue } from '../shared/keyring.ts';
import type { BackupHeader } from './backup-header.ts';

export interface KnownKeys {
  /** SECRET_KEY of the environment. */
  readonly given: readonly string[] | undefined;
  /** The file `secret-key` of DATA_DIR, in embedded mode. */
  readonly stored: readonly string[] | undefined;
}

export interface ChosenKeys {
  readonly keys: readonly string[];
  readonly from: 'given' | 'stored' | 'backup';
}

/**
 * Which keys the restored system runs with. Under any others every link in every mail that has left would be dead and no
 * suppressed address known again, so they have to be those of the backup.
 * @throws AppError `setting_invalid`
 */
export function chooseKeys(header: Pick<BackupHeader, 'keys' | 'keyChecks'>, { given, stored }: KnownKeys): ChosenKeys {
  if (given !== undefined) {
    if (!coversAll(given, header.keyChecks)) {
      throw settingError('SECRET_KEY', 'is not the key this backup was made with; set the old one, or leave it unset');
    }
    return { keys: given, from: 'given' };
  }
  if (stored !== undefined) {
    if (!coversAll(stored, header.keyChecks)) {
      throw settingError('DATA_DIR', 'its file secret-key holds another key than the backup; choose an empty folder');
    }
    return { keys: stored, from: 'stored' };
  }
  if (header.keys === null) {
    throw settingError('SECRET_KEY', 'the backup was made without keys; set the key of the system it was made from');
  }
  return { keys: header.keys, from: 'backup' };
}

function coversAll(keys: readonly string[], checks: Readonly<Record<string, string>>): boolean {
  const keyring = createKeyring(keys);
  return Object.entries(checks).every(
    ([id, check]) => keyring.keys.has(Number(id)) && keyCheckValue(keyring, Number(id)) === check,
  );
}
