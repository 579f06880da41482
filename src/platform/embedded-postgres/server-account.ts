import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { AppError, settingError } from '../../shared/app-error.ts';

const run = promisify(execFile);

/** PostgreSQL refuses to run as root, so under root it runs as this user. */
export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
}

/**
 * The account for the server; undefined when it can run as ourselves. A cluster that exists runs as its owner, so that
 * nothing changes when a `postgres` user appears later, or when root starts what an ordinary user began.
 * @param cluster folder of the existing cluster, if there is one
 */
export async function chooseServerAccount(cluster: string | undefined): Promise<ServerAccount | undefined> {
  const ourselves = process.getuid?.();
  const owner = cluster === undefined ? undefined : await stat(cluster);
  if (ourselves !== 0) {
    if (owner !== undefined && owner.uid !== ourselves) {
      throw settingError(
        'DATA_DIR',
        `${cluster} belongs to user ${owner.uid}; start as that user or set another folder`,
      );
    }
    return undefined;
  }
  if (owner !== undefined) {
    return { uid: owner.uid, gid: owner.gid, name: `${owner.uid}` };
  }
  return findAccount(['postgres', 'nobody']);
}

async function findAccount(names: readonly string[]): Promise<ServerAccount> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of names) {
    const [, , uid, gid] = lines.find(([first]) => first === name) ?? [];
    if (uid !== undefined && gid !== undefined && /^\d+$/.test(uid) && /^\d+$/.test(gid)) {
      return { uid: Number(uid), gid: Number(gid), name };
    }
  }
  throw new AppError(
    'unavailable',
    'no_server_account',
    'PostgreSQL does not run as root and there is no user "postgres" or "nobody"; start Courant as an ordinary user',
  );
}

/** Tries it as that user: modes, groups, ACLs and mount options all count. */
export async function canRun(account: ServerAccount, command: string, args: readonly string[]): Promise<boolean> {
  const { uid, gid } = account;
  try {
    await run(command, args, { uid, gid, cwd: '/', env: {} });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall?.startsWith('spawn') === true && (await isRefusedUser(uid, gid))) {
      throw new AppError(
        'unavailable',
        'cannot_switch_user',
        `this root may not start programs as user ${account.name}; start Courant as an ordinary user`,
        { cause: error },
      );
    }
    return false;
  }
}

/** Containers and sandboxes may run a root that cannot become anybody else. */
async function isRefusedUser(uid: number, gid: number): Promise<boolean> {
  try {
    await run('/bin/sh', ['-c', ':'], { uid, gid, cwd: '/', env: {} });
    return false;
  } catch {
    return true;
  }
}
