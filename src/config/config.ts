import { isIP } from 'node:net';
import { z } from 'zod';
import { settingError } from '../shared/app-error.ts';
import { parseEmailAddress } from '../shared/email-address.ts';
import { createKeyring } from '../shared/keyring.ts';
import { isLoopbackRelay, parseRelayUrls } from './relay-address.ts';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
/** `bounce+` and a token. */
const RETURN_PATH_OCTETS = 55;
const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\]|::1)$/;

/** When a sign-up has to come with a proof of work: never, during a burst, always. */
const PROOF_OF_WORK = ['off', 'burst', 'always'] as const;
const switchSchema = z
  .enum(['true', 'false', 'on', 'off', '1', '0'], 'must be on or off')
  .default('off')
  .transform((value) => ['true', 'on', '1'].includes(value));

/** One line each, so that the message after a wrong value says what to set. */
const environmentSchema = z.object({
  PORT: z.coerce
    .number('must be a port number')
    .int()
    .min(0, 'must be a port number')
    .max(65_535, 'must be a port number')
    .default(3000),
  HOST: z.string().min(1).default('127.0.0.1'),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'must be a http or https address such as https://news.example.org' })
    .optional(),
  DATABASE_URL: z
    .url({ protocol: /^postgres(?:ql)?$/, error: 'must look like postgres://user:password@host:5432/name' })
    .optional(),
  REDIS_URL: z
    .string()
    .regex(
      /^(?:rediss?|redis\+sentinel|redis\+cluster):\/\/./,
      'must begin with redis://, rediss://, redis+sentinel:// or redis+cluster://',
    )
    .optional(),
  SMTP_URL: z.string().optional(),
  SECRET_KEY: z.string().optional(),
  MAIL_FROM: z.string().optional(),
  BOUNCE_DOMAIN: z.string().optional(),
  POSTAL_ADDRESS: z.string().max(500).optional(),
  DATA_DIR: z.string().min(1).default('./data'),
  LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
  TRUST_PROXY: z.string().optional(),
  FETCH_ALLOW: z.string().optional(),
  SIGNUP_PROOF_OF_WORK: z.enum(PROOF_OF_WORK, `must be one of ${PROOF_OF_WORK.join(', ')}`).default('burst'),
  SIGNUP_LIMIT_PER_MINUTE: z.coerce
    .number('must be a number of sign-ups')
    .int('must be a number of sign-ups')
    .min(1, 'must be at least 1')
    .default(6000),
  SIGNUP_REFUSE_DISPOSABLE: switchSchema,
  SIGNUP_CHECK_MX: switchSchema,
});

export type SettingName = keyof typeof environmentSchema.shape;

/** The variables a Courant process reads; docker-compose.yml and the README are checked against this list. */
export const SETTING_NAMES = Object.keys(environmentSchema.shape) as readonly SettingName[];

export interface Config {
  readonly port: number;
  readonly host: string;
  /** No trailing slash. */
  readonly publicUrl: string;
  /** True while PUBLIC_URL points at this machine: the only time the local inbox may run. */
  readonly publicUrlIsLoopback: boolean;
  readonly databaseUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly smtpUrl: string | undefined;
  /** True without a relay, and when all relays are on this machine. */
  readonly smtpIsLoopback: boolean;
  /** False when every relay signs by itself. */
  readonly signsMail: boolean;
  /** Undefined only in embedded mode, where one is made once in `dataDir`. */
  readonly secretKeys: readonly string[] | undefined;
  readonly mailFrom: string | undefined;
  /** A-label. Undefined: mails that cannot be delivered come back to the From address. */
  readonly bounceDomain: string | undefined;
  readonly postalAddress: string | undefined;
  readonly dataDir: string;
  readonly logLevel: string;
  /** A value for Express's `trust proxy`. */
  readonly trustProxy: boolean | number | string;
  /** CIDRs that the guarded fetcher may reach besides the public internet. */
  readonly fetchAllow: readonly string[];
  readonly signup: SignupSettings;
}

export interface SignupSettings {
  readonly proofOfWork: (typeof PROOF_OF_WORK)[number];
  /** More than this are refused, whoever asks. */
  readonly limitPerMinute: number;
  readonly refuseDisposable: boolean;
  readonly checkMx: boolean;
}

/**
 * Parses the environment once. Empty strings count as unset (compose files pass them).
 * @throws AppError `setting_invalid` that names the variable and says what to set.
 */
export function parseConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(SETTING_NAMES.map((name) => [name, environment[name] || undefined]));
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw settingError(String(issue?.path[0] ?? 'settings'), issue?.message ?? 'is not valid');
  }
  const env = parsed.data;
  const relays = env.SMTP_URL === undefined ? [] : parseRelayUrls(env.SMTP_URL);
  const publicUrl = (env.PUBLIC_URL ?? `http://localhost:${env.PORT}`).replace(/\/+$/, '');
  const { hostname, protocol } = new URL(publicUrl);
  const publicUrlIsLoopback = LOOPBACK_HOST.test(hostname);
  if (protocol !== 'https:' && !publicUrlIsLoopback) {
    throw settingError(
      'PUBLIC_URL',
      'must begin with https:// unless it is on this machine (links in mails carry tokens)',
    );
  }
  if (env.DATABASE_URL !== undefined && env.SECRET_KEY === undefined) {
    throw settingError('SECRET_KEY', 'is required with DATABASE_URL; make one with: openssl rand -base64 48');
  }
  if (env.SMTP_URL === undefined && !publicUrlIsLoopback) {
    throw settingError('SMTP_URL', 'is required once PUBLIC_URL is not on this machine; set it to your mail relay');
  }
  if (env.SMTP_URL !== undefined && env.MAIL_FROM === undefined) {
    throw settingError('MAIL_FROM', 'is required with SMTP_URL; set it to the address that mails come from');
  }
  if (env.MAIL_FROM !== undefined && parseEmailAddress(env.MAIL_FROM) === undefined) {
    throw settingError('MAIL_FROM', 'must be one plain address such as news@example.org');
  }
  return {
    port: env.PORT,
    host: env.HOST,
    publicUrl,
    publicUrlIsLoopback,
    databaseUrl: env.DATABASE_URL,
    redisUrl: env.REDIS_URL,
    smtpUrl: env.SMTP_URL,
    smtpIsLoopback: relays.every(isLoopbackRelay),
    signsMail: relays.length === 0 || relays.some(({ isSigned }) => isSigned),
    secretKeys: parseSecretKeys(env.SECRET_KEY),
    mailFrom: env.MAIL_FROM,
    bounceDomain: parseBounceDomain(env.BOUNCE_DOMAIN),
    postalAddress: env.POSTAL_ADDRESS,
    dataDir: env.DATA_DIR,
    logLevel: env.LOG_LEVEL,
    trustProxy: parseTrustProxy(env.TRUST_PROXY),
    fetchAllow: parseCidrs(env.FETCH_ALLOW),
    signup: {
      proofOfWork: env.SIGNUP_PROOF_OF_WORK,
      limitPerMinute: env.SIGNUP_LIMIT_PER_MINUTE,
      refuseDisposable: env.SIGNUP_REFUSE_DISPOSABLE,
      checkMx: env.SIGNUP_CHECK_MX,
    },
  };
}

/** A key that is too short is said at once, not after the database was tried. */
function parseSecretKeys(value: string | undefined): readonly string[] | undefined {
  const keys = value?.split(',').flatMap((key) => key.trim() || []);
  if (keys !== undefined) {
    createKeyring(keys);
  }
  return keys;
}

/** As it stands behind the longest return path. */
function parseBounceDomain(value: string | undefined): string | undefined {
  if (value === undefined) {
    return undefined;
  }
  const parsed = parseEmailAddress(`${'b'.repeat(RETURN_PATH_OCTETS)}@${value.trim()}`);
  if (parsed === undefined || value.includes('@')) {
    throw settingError('BOUNCE_DOMAIN', 'must be one domain such as bounces.example.org');
  }
  return parsed.address.slice(RETURN_PATH_OCTETS + 1);
}

function parseTrustProxy(value: string | undefined): boolean | number | string {
  if (value === undefined || value === 'none' || value === 'false') {
    return false;
  }
  if (value === 'true') {
    throw settingError(
      'TRUST_PROXY',
      '"true" would believe anybody; name the proxies (loopback, CIDRs) or a hop count',
    );
  }
  if (/^\d+$/.test(value)) {
    return Number(value);
  }
  const wrong = value.split(',').find((proxy) => !isProxy(proxy.trim()));
  if (wrong !== undefined) {
    throw settingError(
      'TRUST_PROXY',
      `"${wrong.trim()}" is neither a hop count, an IP, a CIDR, nor loopback, linklocal or uniquelocal`,
    );
  }
  return value;
}

function isProxy(text: string): boolean {
  return ['loopback', 'linklocal', 'uniquelocal'].includes(text) || isIP(text) !== 0 || isCidr(text);
}

function isCidr(text: string): boolean {
  const [, ip = '', bits] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const version = isIP(ip);
  return version !== 0 && Number(bits) <= (version === 4 ? 32 : 128);
}

function parseCidrs(value: string | undefined): readonly string[] {
  const cidrs = (value === undefined || value === 'none' ? '' : value).split(/[\s,]+/).filter((cidr) => cidr !== '');
  const wrong = cidrs.find((cidr) => !isCidr(cidr));
  if (wrong !== undefined) {
    throw settingError('FETCH_ALLOW', `"${wrong}" is not a CIDR such as 127.0.0.0/8`);
  }
  return cidrs;
}
