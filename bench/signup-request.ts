/** What a form would send, without a consent wording: callers of the API assert that themselves. */
export function signupBody(email: string): string {
  return JSON.stringify({
    email,
    newsletters: ['the-weekly'],
    terms: true,
    privacy: true,
    name: 'Robin Reader',
    locale: 'en',
    pageUrl: 'https://www.example.org/culture/an-article-about-something',
  });
}

export interface Reader {
  readonly email: string;
  readonly ip: string;
}

/** Mail domains of the readers: as many as keep each one below its limit for an hour. */
const DOMAINS = 2000;
const NETWORKS = 65_536;

/** One reader after the other, each in a network of their own; `round` (0 to 199) keeps those of two rounds apart. */
export function readerAt(label: string, round: number, serial: number): Reader {
  const network = serial % NETWORKS;
  return {
    email: `${label}-${serial}@r${serial % DOMAINS}.example`,
    ip: `${20 + round}.${network >> 8}.${network & 255}.${Math.floor(serial / NETWORKS) + 1}`,
  };
}

/** The bytes of one sign-up, through a proxy on this machine. */
export function signupRequest({ email, ip }: Reader): string {
  const body = signupBody(email);
  return [
    'POST /api/v1/subscriptions HTTP/1.1',
    'Host: localhost',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
    `X-Forwarded-For: ${ip}`,
    '',
    body,
  ].join('\r\n');
}

/** The status once head and body are there, else undefined. Our answers always carry a Content-Length. */
export function readAnswer(received: string): number | undefined {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd === -1) {
    return undefined;
  }
  const length = Number(/^content-length: (\d+)\r?$/im.exec(received.slice(0, headEnd))?.[1] ?? 0);
  return received.length - headEnd - 4 < length ? undefined : Number(received.slice(9, 12));
}
