import { z } from 'zod';
import { settingError } from '../shared/app-error.ts';

/** Where mail goes out: a relay as `SMTP_URL` names it. */
export interface RelayAddress {
  /** Names it in rows, logs and figures: host and port, never a credential. Stays the same when only the settings change. */
  readonly key: string;
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (smtps). */
  readonly secure: boolean;
  /** STARTTLS or nothing: a relay that is not on this machine must not get a password or a reader's mail in clear text. */
  readonly requireTls: boolean;
  readonly ignoreTls: boolean;
  readonly credentials: { readonly user: string; readonly pass: string } | undefined;
  /** For EHLO. Undefined: the name of this host if it is a full one, else an address literal, which strict relays want. */
  readonly clientName: string | undefined;
  /** False: the relay signs, and changes what a signature of ours would cover. */
  readonly isSigned: boolean;
  /** At once, of each worker process. */
  readonly maxConnections: number;
  /** After so many messages a connection is closed and another one opened. Undefined: as long as it lasts. */
  readonly maxMessagesPerConnection: number | undefined;
  /** Of all workers together. */
  readonly limits: RelayLimits;
}

interface RelayLimits {
  readonly perSecond?: number;
  readonly perHour?: number;
  readonly perDay?: number;
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\]|::1)$/;
const DEFAULT_CONNECTIONS = 10;

const count = (most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `must be a number from 1 to ${most}`)
    .transform(Number)
    .refine((number) => number >= 1 && number <= most, `must be a number from 1 to ${most}`)
    .optional();

const parametersSchema = z.strictObject(
  {
    tls: z.enum(['required', 'opportunistic', 'off'], 'must be required, opportunistic or off').optional(),
    name: z
      .string()
      .regex(/^[\da-z[\].:-]{1,255}$/i, 'must be a host name such as mail.example.org')
      .optional(),
    sign: z.literal('off', 'can only be off').optional(),
    connections: count(1000),
    messages: count(1_000_000),
    'per-second': count(100_000),
    'per-hour': count(100_000_000),
    'per-day': count(100_000_000),
  },
  'takes tls, name, sign, connections, messages, per-second, per-hour and per-day',
);

/** What a relay is when nothing else is said. */
export const PLAIN_RELAY = {
  secure: false,
  requireTls: false,
  ignoreTls: true,
  credentials: undefined,
  clientName: undefined,
  isSigned: true,
  maxConnections: DEFAULT_CONNECTIONS,
  maxMessagesPerConnection: undefined,
  limits: {},
} as const satisfies Partial<RelayAddress>;

/**
 * Reads `smtp://user:password@host:587` or `smtps://…:465`, several with spaces or commas between, the preferred one first. Query
 * parameters of each: `tls=required|opportunistic|off` (default: required with credentials on another machine, otherwise
 * opportunistic; off only on this machine), `name=` for EHLO, `sign=off` where the relay signs, `connections=`, `messages=` a connection, `per-second=`, `per-hour=`, `per-day=`.
 * @throws AppError kind `setting`; never says what stood there, since it holds a password.
 */
export function parseRelayUrls(smtpUrls: string): readonly RelayAddress[] {
  const relays = smtpUrls
    .split(/[\s,]+/)
    .filter((part) => part !== '')
    .map(parseRelayUrl);
  if (relays.length === 0) {
    throw settingError('SMTP_URL', 'must look like smtp://user:password@host:587');
  }
  const keys = new Set(relays.map(({ key }) => key));
  if (keys.size < relays.length) {
    throw settingError('SMTP_URL', 'names a relay twice; leave one of the two out');
  }
  return relays;
}

export function isLoopbackRelay(relay: Pick<RelayAddress, 'host'>): boolean {
  return LOOPBACK.test(relay.host);
}

function parseRelayUrl(smtpUrl: string): RelayAddress {
  const url = URL.parse(smtpUrl);
  if (url === null || !['smtp:', 'smtps:'].includes(url.protocol) || url.hostname === '') {
    throw settingError('SMTP_URL', 'must look like smtp://user:password@host:587');
  }
  const secure = url.protocol === 'smtps:';
  const host = url.hostname.replaceAll(/^\[|\]$/g, '');
  const isLoopback = LOOPBACK.test(host);
  const user = decodeCredential(url.username);
  const pass = decodeCredential(url.password);
  const parameters = readParameters(url.searchParams);
  const tls = parameters.tls ?? (user !== '' && !isLoopback ? 'required' : 'opportunistic');
  if (tls === 'off' && user !== '' && !isLoopback) {
    throw settingError('SMTP_URL', 'tls=off would send the password to another machine in clear text; leave it out');
  }
  const port = url.port === '' ? (secure ? 465 : 587) : Number(url.port);
  return {
    key: `${url.hostname}:${port}`,
    host,
    port,
    secure,
    requireTls: !secure && tls === 'required',
    ignoreTls: !secure && (tls === 'off' || isLoopback) && tls !== 'required',
    credentials: user === '' ? undefined : { user, pass },
    clientName: parameters.name,
    isSigned: parameters.sign !== 'off',
    maxConnections: parameters.connections ?? DEFAULT_CONNECTIONS,
    maxMessagesPerConnection: parameters.messages,
    limits: {
      ...(parameters['per-second'] === undefined ? {} : { perSecond: parameters['per-second'] }),
      ...(parameters['per-hour'] === undefined ? {} : { perHour: parameters['per-hour'] }),
      ...(parameters['per-day'] === undefined ? {} : { perDay: parameters['per-day'] }),
    },
  };
}

function readParameters(given: URLSearchParams): z.infer<typeof parametersSchema> {
  const names = [...given.keys()];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw settingError('SMTP_URL', `names ${twice} twice for one relay`);
  }
  const parsed = parametersSchema.safeParse(Object.fromEntries(given));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = issue?.path[0] === undefined ? '' : `${String(issue.path[0])} `;
    throw settingError('SMTP_URL', `${name}${issue?.message ?? 'is not valid'}`);
  }
  return parsed.data;
}

function decodeCredential(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw settingError('SMTP_URL', 'user and password must be percent-encoded: write % as %25');
  }
}
