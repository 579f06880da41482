import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { settingError } from '../../shared/app-error.ts';
import { syncDirectory } from './sync-directory.ts';

/**
 * The SECRET_KEY of embedded mode: made once, kept for good. Losing it kills every link in mails that have left, so it
 * is on disk (fsync) before anybody sees it, and two makers agree on one (link refuses to replace).
 */
export async function ensureSecretKey(dataDir: string): Promise<string> {
  const known = await readSecretKey(dataDir);
  if (known !== undefined) {
    return known;
  }
  await storeSecretKey(dataDir, randomBytes(48).toString('base64'));
  return ensureSecretKey(dataDir);
}

/** Undefined while there is none. May be a list, as the variable. */
export async function readSecretKey(dataDir: string): Promise<string | undefined> {
  return readKey(keyFileIn(dataDir));
}

/** Never replaces one that is there. @returns takes it back, if this call made it. */
export async function storeSecretKey(dataDir: string, key: string): Promise<() => Promise<void>> {
  const path = keyFileIn(dataDir);
  await mkdir(dataDir, { recursive: true });
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${key}\n`);
    await file.sync();
    const isOurs = await link(draft, path).then(() => true, refuseToReplace);
    await syncDirectory(dataDir);
    return () => (isOurs ? rm(path, { force: true }) : Promise.resolve());
  } finally {
    await file.close();
    await rm(draft, { force: true });
  }
}

function keyFileIn(dataDir: string): string {
  return join(dataDir, 'secret-key');
}

async function readKey(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw settingError('DATA_DIR', `${path} cannot be read; run this as the user who started Courant first`);
  }
}

function refuseToReplace(error: unknown): false {
  if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
    throw error;
  }
  return false;
}
