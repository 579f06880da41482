import { VISIT_MINUTES } from './reader.ts';

/** The attributes of the cookie, in the shape that Express's `res.cookie` takes. */
export interface VisitCookie {
  readonly name: string;
  readonly options: {
    readonly httpOnly: true;
    readonly sameSite: 'strict';
    readonly path: '/';
    readonly secure: boolean;
    readonly maxAge: number;
  };
}

/**
 * On https it carries the `__Host-` prefix, which keeps neighbouring hosts from setting it and asks for Path=/. Plain http is
 * possible on loopback only (config refuses it elsewhere), where not every browser keeps Secure cookies.
 */
export function visitCookie(publicUrl: string): VisitCookie {
  const secure = publicUrl.startsWith('https:');
  return {
    name: secure ? '__Host-preferences' : 'preferences',
    options: { httpOnly: true, sameSite: 'strict', path: '/', secure, maxAge: VISIT_MINUTES * 60_000 },
  };
}
