import { execFile } from 'node:child_process';
import { accessSync, constants, globSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

interface Tool {
  /** Names to look for on the path, or absolute patterns; the first found wins. */
  readonly programs: readonly string[];
  readonly debianPackages: readonly string[];
}

/** The programs that tests and benchmarks use besides what npm installs. */
const TOOLS = {
  'redis-server': { programs: ['redis-server'], debianPackages: ['redis-server'] },
  chromium: {
    programs: [
      'chromium',
      'chromium-browser',
      'google-chrome-stable',
      'google-chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    ],
    debianPackages: ['chromium', 'fonts-liberation'],
  },
  postfix: { programs: ['postfix'], debianPackages: ['postfix'] },
  postconf: { programs: ['postconf'], debianPackages: ['postfix'] },
  'smtp-source': { programs: ['smtp-source'], debianPackages: ['postfix'] },
  'smtp-sink': { programs: ['smtp-sink'], debianPackages: ['postfix'] },
  openssl: { programs: ['openssl'], debianPackages: ['openssl'] },
  pgbench: {
    programs: ['pgbench', '/usr/lib/postgresql/*/bin/pgbench'],
    debianPackages: ['postgresql'],
  },
} as const satisfies Readonly<Record<string, Tool>>;
export type ToolName = keyof typeof TOOLS;

/** Debian puts the programs of mail servers where an ordinary user's path does not look. */
const SYSTEM_DIRECTORIES = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/opt/homebrew/bin', '/opt/homebrew/sbin'];

/**
 * Runs as root under flock, so that parallel runs install once. policy-rc.d says "forbidden" (101) to packages that want
 * to start their service: the tests start servers of their own and leave no daemon behind.
 */
const INSTALL_SCRIPT = `
set -eu
missing=''
for package in "$@"; do
  dpkg-query -W -f='\${db:Status-Status}\\n' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ ! -e /usr/sbin/policy-rc.d ]; then
  trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d
  chmod 755 /usr/sbin/policy-rc.d
fi
echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections
apt-get -qq -o DPkg::Lock::Timeout=600 update
apt-get -qq -y --no-install-recommends -o DPkg::Lock::Timeout=600 install $missing
`;

/** Where a program is, or undefined. */
function findTool(name: ToolName): string | undefined {
  for (const program of TOOLS[name].programs) {
    const found = isAbsolute(program) ? newestMatch(program) : onPath(program);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

/**
 * Finds the programs, or installs them with apt (as root, or through sudo without a password). When all are present it
 * touches neither the network nor the package manager.
 * @throws Error that says what to install, where it cannot.
 */
export async function provideTools<Name extends ToolName>(names: readonly Name[]): Promise<Record<Name, string>> {
  const missing = names.filter((name) => findTool(name) === undefined);
  if (missing.length > 0) {
    await installWithApt(missing);
  }
  const entries = names.map((name) => [name, requireTool(name)]);
  return Object.fromEntries(entries) as Record<Name, string>;
}

function requireTool(name: ToolName): string {
  const path = findTool(name);
  if (path === undefined) {
    throw new Error(`${name} was installed but is not found; looked for ${TOOLS[name].programs.join(', ')}`);
  }
  return path;
}

async function installWithApt(names: readonly ToolName[]): Promise<void> {
  const packages = [...new Set(names.flatMap((name) => TOOLS[name].debianPackages))];
  const asRoot = onPath('apt-get') === undefined ? undefined : await rootCommand();
  if (asRoot === undefined) {
    throw new Error(
      `The tests need ${names.join(', ')}. Install what gives these programs with your package manager ` +
        `(on Debian: sudo apt-get install ${packages.join(' ')}) and run again.`,
    );
  }
  process.stderr.write(`Installing ${packages.join(', ')} with apt (once)\n`);
  const lock = ['flock', '/run/lock/courant-provide.lock'];
  const script = ['env', 'DEBIAN_FRONTEND=noninteractive', 'sh', '-c', INSTALL_SCRIPT, 'provide', ...packages];
  const [command = 'flock', ...args] = [...asRoot, ...lock, ...script];
  await run(command, args, { maxBuffer: 64 * 1024 * 1024 });
}

async function rootCommand(): Promise<readonly string[] | undefined> {
  if (process.getuid?.() === 0) {
    return [];
  }
  try {
    await run('sudo', ['-n', 'true']);
    return ['sudo', '-n'];
  } catch {
    return undefined;
  }
}

function onPath(program: string): string | undefined {
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_DIRECTORIES];
  return directories.map((directory) => join(directory, program)).find(isExecutable);
}

/** Several versions of PostgreSQL may be installed side by side: the highest wins. */
function newestMatch(pattern: string): string | undefined {
  const byVersion = new Intl.Collator('en', { numeric: true }).compare;
  return globSync(pattern).filter(isExecutable).sort(byVersion).at(-1);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
