import type { Db } from '../platform/postgres/index.ts';
import { settingError } from '../shared/app-error.ts';
import { keyCheckValue } from '../shared/keyring.ts';
import type { Keyring } from '../shared/keyring.ts';
import { readKeyChecks, writeKeyChecks } from './ops.repository.ts';

/**
 * Remembers which secrets this database was used with, and refuses to start without all of them: under another key every
 * link in every mail that has left would be dead, and suppressed addresses would not be recognised. A new key is added to the list.
 * @throws AppError `setting_invalid`
 */
export async function refuseForeignKeys(db: Db, keyring: Keyring, now: Date): Promise<void> {
  const known = await readKeyChecks(db);
  const given = Object.fromEntries([...keyring.keys.keys()].map((id) => [String(id), keyCheckValue(keyring, id)]));
  const foreign = Object.entries(known).find(([id, check]) => given[id] !== check);
  if (foreign !== undefined) {
    throw settingError(
      'SECRET_KEY',
      'is not the key this database was made with; set the old one (a list may name several, the first signs)',
    );
  }
  if (Object.keys(given).some((id) => known[id] === undefined)) {
    await writeKeyChecks(db, given, now);
  }
}
