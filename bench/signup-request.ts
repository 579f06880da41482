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

/** The bytes of one sign-up. Each reader comes from another network, through a proxy on this machine. */
export function signupRequest(email: string, serial: number): string {
  const body = signupBody(email);
  return [
    'POST /api/v1/subscriptions HTTP/1.1',
    'Host: localhost',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
    `X-Forwarded-For: 10.${(serial >> 16) & 255}.${(serial >> 8) & 255}.${serial & 255}`,
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
