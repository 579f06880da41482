import { settingError } from '../../shared/app-error.ts';

/** Where mail goes out: a relay as `SMTP_URL` names it. */
export interface RelayAddress {
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
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\]|::1)$/;

/**
 * Reads `smtp://user:password@host:587` or `smtps://…:465`. Query parameters: `tls=required|opportunistic|off` (default:
 * required with credentials on another machine, otherwise opportunistic; off only on this machine), `name=` for EHLO.
 */
export function parseRelayUrl(smtpUrl: string): RelayAddress {
  const url = URL.parse(smtpUrl);
  if (url === null || !['smtp:', 'smtps:'].includes(url.protocol) || url.hostname === '') {
    throw settingError('SMTP_URL', 'must look like smtp://user:password@host:587');
  }
  const secure = url.protocol === 'smtps:';
  const isLoopback = LOOPBACK.test(url.hostname);
  const user = decodeCredential(url.username);
  const pass = decodeCredential(url.password);
  const tls = url.searchParams.get('tls') ?? (user !== '' && !isLoopback ? 'required' : 'opportunistic');
  if (!['required', 'opportunistic', 'off'].includes(tls)) {
    throw settingError('SMTP_URL', 'tls must be required, opportunistic or off');
  }
  if (tls === 'off' && user !== '' && !isLoopback) {
    throw settingError('SMTP_URL', 'tls=off would send the password to another machine in clear text; leave it out');
  }
  return {
    host: url.hostname.replaceAll(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    requireTls: !secure && tls === 'required',
    ignoreTls: !secure && (tls === 'off' || isLoopback) && tls !== 'required',
    credentials: user === '' ? undefined : { user, pass },
    clientName: url.searchParams.get('name') ?? undefined,
  };
}

function decodeCredential(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw settingError('SMTP_URL', 'user and password must be percent-encoded: write % as %25');
  }
}
