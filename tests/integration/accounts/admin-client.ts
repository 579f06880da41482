import { issueSetupToken } from '../../../src/accounts/index.ts';
import type { TestSystem } from '../../support/system.ts';

export const ADDRESS = 'ada@example.org';
export const PASSWORD = 'quiet river under stones';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The JSON, or undefined for an answer without one. */
  readonly body: Record<string, unknown>;
}

export interface AdminClient {
  send(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Names and values, as a browser would keep them. */
  readonly cookies: Map<string, string>;
}

/** A browser's manners with the API: keeps cookies, sends JSON, names itself as the same site. */
export function createAdminClient(system: Pick<TestSystem, 'url'>): AdminClient {
  const cookies = new Map<string, string>();
  return {
    cookies,
    send: async (method, path, body, headers = {}) => {
      const response = await fetch(`${system.url}/api/v1${path}`, {
        method,
        headers: {
          'Sec-Fetch-Site': 'same-origin',
          ...(cookies.size === 0 ? {} : { Cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') }),
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      keepCookies(cookies, response);
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
      };
    },
  };
}

function keepCookies(cookies: Map<string, string>, response: Response): void {
  for (const cookie of response.headers.getSetCookie()) {
    const [pair = ''] = cookie.split(';');
    const at = pair.indexOf('=');
    if (/expires=thu, 01 jan 1970/i.test(cookie)) {
      cookies.delete(pair.slice(0, at));
    } else {
      cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
  }
}

export async function requireSetupToken(system: TestSystem): Promise<string> {
  const token = await issueSetupToken(system.deps);
  if (token === undefined) {
    throw new Error('there is an admin already');
  }
  return token;
}

/** The first admin, signed in. */
export async function setUpFirstAdmin(system: TestSystem): Promise<AdminClient> {
  const client = createAdminClient(system);
  const answer = await client.send('POST', '/setup', {
    token: await requireSetupToken(system),
    email: ADDRESS,
    password: PASSWORD,
    timeZone: 'Europe/Berlin',
  });
  if (answer.status !== 200) {
    throw new Error(`set-up answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  }
  return client;
}
