import { z } from 'zod';

/** Plenty for a publisher's sites; each request of a foreign page looks into this list. */
const MAX_ORIGINS = 200;
const LOOPBACK_HOST = /^(?:localhost|(?:[^.]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

type ReadOrigin = { readonly ok: true; readonly origin: string } | { readonly ok: false; readonly message: string };

/**
 * An origin as a browser writes it into its Origin header (RFC 6454): small letters, A-labels, no default port. A slash at the end is
 * forgiven; a path is not, since it would promise a limit that no browser keeps.
 */
export function readOrigin(text: string): ReadOrigin {
  const url = URL.parse(text.trim());
  if (url === null || !['https:', 'http:'].includes(url.protocol)) {
    return { ok: false, message: 'Write scheme and host, such as https://www.example.org.' };
  }
  if (url.username !== '' || url.password !== '' || url.pathname !== '/' || /[?#]/.test(text)) {
    return { ok: false, message: `Leave out everything after the host: ${url.origin}` };
  }
  if (url.hostname.includes('*')) {
    return { ok: false, message: 'Name each host; a pattern would let in pages that you do not know.' };
  }
  if (url.protocol !== 'https:' && !LOOPBACK_HOST.test(url.hostname)) {
    return { ok: false, message: 'Use https: on a page without it anybody on the way can change the form.' };
  }
  return { ok: true, origin: url.origin };
}

const originSchema = z
  .string()
  .max(300)
  .transform((text, context) => {
    const read = readOrigin(text);
    if (!read.ok) {
      context.addIssue({ code: 'custom', message: read.message, params: { code: 'origin_invalid' } });
      return z.NEVER;
    }
    return read.origin;
  });

export const originsBodySchema = z.strictObject({ origins: z.array(originSchema).max(MAX_ORIGINS) });
