import type { Config } from '../config/index.ts';
import { asError } from '../shared/app-error.ts';
import { failed, ok, warning } from './check.ts';
import type { Check } from './check.ts';

const NAME = 'https';
export const WEB_PATIENCE_MS = 5000;

export type PublicUrl = Pick<Config, 'publicUrl' | 'publicUrlIsLoopback'>;

/** What readers' links lead to: there, behind a certificate that is valid, and without a detour. */
export async function checkPublicUrl({ publicUrl, publicUrlIsLoopback }: PublicUrl): Promise<Check> {
  let response: Response;
  try {
    response = await fetch(`${publicUrl}/healthz`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(WEB_PATIENCE_MS),
    });
    await response.body?.cancel();
  } catch (error) {
    return publicUrlIsLoopback
      ? warning(NAME, `not needed yet: PUBLIC_URL is on this machine; nothing answers at ${publicUrl}`, 'run npm start')
      : failed(NAME, `${publicUrl}: ${reasonOf(error)}`, 'readers cannot confirm or leave while it does not answer');
  }
  const location = response.headers.get('location');
  if (location !== null) {
    return failed(
      NAME,
      `${publicUrl} redirects to ${new URL(location, publicUrl).origin}`,
      'set PUBLIC_URL to where it ends: one-click unsubscribe follows no redirect',
    );
  }
  if (response.status !== 200) {
    return failed(NAME, `${publicUrl}/healthz answers ${response.status}`, 'look at the web process and its proxy');
  }
  return publicUrlIsLoopback
    ? ok(NAME, 'not needed yet: PUBLIC_URL is on this machine, where it answers')
    : ok(NAME, `${publicUrl} answers, and its certificate is valid`);
}

/** What lies under "fetch failed": the name of the certificate's fault, a refused connection. */
export function reasonOf(error: unknown): string {
  const { name, message, cause } = asError(error);
  if (name === 'TimeoutError') {
    return `no answer in ${WEB_PATIENCE_MS / 1000} s`;
  }
  const { code = '', message: reason } = (cause ?? {}) as { readonly code?: string; readonly message?: string };
  const words = reason || message;
  return code === '' || words.includes(code) ? words : `${code}: ${words}`;
}
