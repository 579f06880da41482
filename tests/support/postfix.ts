import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { provideTools } from './provide.ts';
import { findFreePort, startServerProcess } from './server-process.ts';

const run = promisify(execFile);

export interface Postfix {
  /** A value for SMTP_URL. */
  readonly url: string;
  /** Mails that wait in its queue. */
  countQueued(): Promise<number>;
  stop(): Promise<void>;
}

/** postfix starts as root only, since it gives its parts other users. */
export const MAY_RUN_POSTFIX = process.getuid?.() === 0;

const QUEUES = ['maildrop', 'incoming', 'active', 'deferred'];

/** No chroot, no DNS, no unix account: just the way from its SMTP port through its queue to the next hop. */
const SERVICES = `
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`;

/** A real relay of its own: configuration, queue and log in a directory that goes with it. It hands everything to the next hop. */
export async function startPostfix(options: {
  readonly nextHopPort: number;
  readonly settings?: Readonly<Record<string, string>>;
}): Promise<Postfix> {
  const tools = await provideTools(['postfix', 'postconf']);
  const directory = await mkdtemp(join(tmpdir(), 'courant-postfix-'));
  const port = await findFreePort();
  const queue = join(directory, 'queue');
  const settings = {
    compatibility_level: '3.6',
    queue_directory: queue,
    data_directory: join(directory, 'data'),
    mail_owner: 'postfix',
    setgid_group: 'postdrop',
    maillog_file: join(directory, 'mail.log'),
    maillog_file_prefixes: directory,
    myhostname: 'relay.test',
    inet_interfaces: '127.0.0.1',
    inet_protocols: 'ipv4',
    mydestination: '',
    local_recipient_maps: '',
    alias_maps: '',
    mynetworks: '127.0.0.0/8',
    smtpd_relay_restrictions: 'permit_mynetworks, reject',
    relayhost: `[127.0.0.1]:${options.nextHopPort}`,
    ...options.settings,
  };
  // Its processes run as another user and must find their way in.
  await chmod(directory, 0o755);
  await Promise.all([mkdir(queue), mkdir(settings.data_directory)]);
  await writeFile(
    join(directory, 'main.cf'),
    `${Object.entries(settings)
      .map(([key, value]) => `${key} = ${value}`)
      .join('\n')}\n`,
  );
  await writeFile(join(directory, 'master.cf'), `127.0.0.1:${port} inet n - n - - smtpd\n${SERVICES.trimStart()}`);
  await run('chown', ['postfix', settings.data_directory]);
  await run(tools.postfix, ['-c', directory, 'check']);
  const { stdout: daemons } = await run(tools.postconf, ['-h', '-c', directory, 'daemon_directory']);
  const server = await startServerProcess({
    name: 'postfix',
    command: join(daemons.trim(), 'master'),
    args: ['-c', directory, '-d'],
    directory,
    stopSignal: 'SIGTERM',
    isReady: () => greets(port),
  });
  return {
    url: `smtp://127.0.0.1:${port}`,
    countQueued: async () => {
      const files = await Promise.all(
        QUEUES.map((name) => readdir(join(queue, name), { recursive: true, withFileTypes: true })),
      );
      return files.flat().filter((file) => file.isFile()).length;
    },
    stop: () => server.stop(),
  };
}

/** postfix's smtp-sink, which takes every mail and keeps none. */
export async function startNullSink(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const tools = await provideTools(['smtp-sink']);
  const port = await findFreePort();
  const server = await startServerProcess({
    name: 'smtp-sink',
    command: tools['smtp-sink'],
    args: [...(MAY_RUN_POSTFIX ? ['-u', 'nobody'] : []), `127.0.0.1:${port}`, '64'],
    directory: await mkdtemp(join(tmpdir(), 'courant-null-sink-')),
    stopSignal: 'SIGTERM',
    isReady: () => greets(port),
  });
  return { url: `smtp://127.0.0.1:${port}`, stop: () => server.stop() };
}

function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const settle = (isThere: boolean): void => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('data', () => settle(true));
    socket.once('error', () => settle(false));
    socket.setTimeout(2000, () => settle(false));
  });
}
