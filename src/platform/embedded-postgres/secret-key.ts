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
  const path = join(dataDir, 'secret-key');
  const known = await readKey(path);
  if (known !== undefined) {
    return known;
  }
  await mkdir(dataDir, { recursive: true });
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${randomBytes(48).toString('base64')}\n`);
    await file.sync();
    await link(draft, path).catch(ignoreExisting);
    await syncDirectory(dataDir);
  } finally {
    await file.close();
    await rm(draft, { force: true });
  }
  return ensureSecretKey(dataDir);
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

function ignoreExisting(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
    throw error;
  }
}
