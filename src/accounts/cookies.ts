import { SESSION_HOURS } from './account.ts';

const DEVICE_DAYS = 365;

/** The attributes of a cookie, in the shape that Express's `res.cookie` takes. */
interface CookieOptions {
  readonly httpOnly: true;
  readonly sameSite: 'strict';
  readonly path: '/';
  readonly secure: boolean;
  readonly maxAge: number;
}

export interface CookieKind {
  readonly name: string;
  readonly options: CookieOptions;
}

/**
 * On https both carry the `__Host-` prefix, which browsers accept only with Secure, Path=/ and no Domain. Plain http is
 * possible on loopback only (config refuses it elsewhere), and there Secure cookies would not be kept by every browser.
 */
export function accountCookies(publicUrl: string): { readonly session: CookieKind; readonly device: CookieKind } {
  const secure = publicUrl.startsWith('https:');
  const kind = (name: string, maxAge: number): CookieKind => ({
    name: secure ? `__Host-${name}` : name,
    options: { httpOnly: true, sameSite: 'strict', path: '/', secure, maxAge },
  });
  return { session: kind('session', SESSION_HOURS * 3_600_000), device: kind('device', DEVICE_DAYS * 86_400_000) };
}
