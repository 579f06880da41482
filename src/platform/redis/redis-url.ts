import type { ClusterNode, RedisOptions } from 'ioredis';
import { settingError } from '../../shared/app-error.ts';

interface Address {
  readonly host: string;
  readonly port: number;
}

type LoginOptions = Pick<RedisOptions, 'username' | 'password' | 'tls'>;
type ServerOptions = LoginOptions &
  Pick<RedisOptions, 'host' | 'port' | 'db' | 'name' | 'sentinels' | 'enableTLSForSentinelMode'>;

export type RedisTarget =
  | { readonly kind: 'server'; readonly options: ServerOptions }
  | { readonly kind: 'cluster'; readonly nodes: readonly ClusterNode[]; readonly options: LoginOptions };

const REDIS_PORT = 6379;
const SENTINEL_PORT = 26_379;
/** Not `new URL`: a list of hosts is no host to it. */
const REDIS_URL =
  /^(?<scheme>rediss?|redis\+sentinel|redis\+cluster):\/\/(?:(?<login>[^@/]*)@)?(?<hosts>[^@/?]+)(?:\/(?<path>[^?]*))?(?:\?(?<query>.*))?$/;

/**
 * Reads the four forms of REDIS_URL: `redis://`, `rediss://`, `redis+sentinel://h1:p,h2:p/master/db` and
 * `redis+cluster://h1,h2`. `?tls=true` encrypts the last two. User and password are those of the Redis servers.
 * @throws AppError `setting_invalid` that never quotes the value, since it may hold a password.
 */
export function parseRedisUrl(redisUrl: string): RedisTarget {
  const parts = REDIS_URL.exec(redisUrl)?.groups;
  if (parts === undefined) {
    throw settingError('REDIS_URL', 'must look like redis://user:password@host:6379/0');
  }
  const { scheme = 'redis', login = '', hosts = '', path = '', query = '' } = parts;
  const isTls = scheme === 'rediss' || new URLSearchParams(query).get('tls') === 'true';
  const options: LoginOptions = { ...readLogin(login), ...(isTls ? { tls: {} } : {}) };
  switch (scheme) {
    case 'redis+sentinel': {
      const [name = '', db = ''] = path.split('/');
      if (name === '') {
        throw settingError('REDIS_URL', 'needs the name of the master: redis+sentinel://host1,host2/master');
      }
      const sentinels = readHosts(hosts, SENTINEL_PORT);
      return {
        kind: 'server',
        options: { ...options, name, sentinels, db: readDb(db), enableTLSForSentinelMode: isTls },
      };
    }
    case 'redis+cluster':
      return { kind: 'cluster', nodes: readHosts(hosts, REDIS_PORT), options };
    default: {
      const [server, ...more] = readHosts(hosts, REDIS_PORT);
      if (more.length > 0) {
        throw settingError('REDIS_URL', 'names several hosts; begin it with redis+sentinel:// or redis+cluster://');
      }
      return { kind: 'server', options: { ...options, ...server, db: readDb(path) } };
    }
  }
}

function readLogin(login: string): Pick<RedisOptions, 'username' | 'password'> {
  if (login === '') {
    return {};
  }
  const colon = login.indexOf(':');
  const username = decode(colon < 0 ? '' : login.slice(0, colon));
  const password = decode(login.slice(colon + 1));
  return username === '' ? { password } : { username, password };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw settingError(
      'REDIS_URL',
      'has a % in its user or password that is not followed by two hex digits (write %25)',
    );
  }
}

function readHosts(hosts: string, defaultPort: number): Address[] {
  return hosts.split(',').map((entry) => {
    const { ipv6, name, port } =
      /^(?:\[(?<ipv6>[\da-fA-F:.]+)\]|(?<name>[^:[\]\s]+))(?::(?<port>\d{1,5}))?$/.exec(entry)?.groups ?? {};
    const host = ipv6 ?? name;
    if (host === undefined || Number(port ?? 0) > 65_535) {
      throw settingError('REDIS_URL', 'has a host that is not of the form name, name:port or [address]:port');
    }
    return { host, port: port === undefined ? defaultPort : Number(port) };
  });
}

function readDb(path: string): number {
  if (!/^\d*$/.test(path)) {
    throw settingError('REDIS_URL', 'has a database that is not a number (redis://host/0)');
  }
  return Number(path);
}
