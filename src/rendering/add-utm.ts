export interface Utm {
  readonly source: string;
  readonly medium: string;
  readonly campaign: string;
  /** Of the publisher; their subdomains belong to them. */
  readonly hosts: readonly string[];
}

/** An address that somebody signed is worth nothing with one more parameter. */
const SIGNATURE = /(?:^|[?&])(?:x-amz-|x-goog-|x-oss-)?(?:signature|sig|hmac)=/i;
const TAGGED = /[?&]utm_(?:source|medium|campaign)=/i;

/**
 * The address with the three parameters that web statistics read, if it leads to the publisher's own site. Tagged and signed
 * addresses stay as they are, and so does everything else about it: nothing is encoded anew.
 */
export function addUtm(address: string, utm: Utm): string {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol) || !utm.hosts.some((host) => belongsTo(url.hostname, host))) {
    return address;
  }
  const [before = '', ...fragment] = address.split('#');
  if (TAGGED.test(before) || SIGNATURE.test(before)) {
    return address;
  }
  const added = Object.entries({ utm_source: utm.source, utm_medium: utm.medium, utm_campaign: utm.campaign })
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
  const joint = !before.includes('?') ? '?' : /[?&]$/.test(before) ? '' : '&';
  return [`${before}${joint}${added}`, ...fragment].join('#');
}

function belongsTo(hostname: string, host: string): boolean {
  const own = URL.parse(`https://${host}`)?.hostname;
  return own !== undefined && own !== '' && (hostname === own || hostname.endsWith(`.${own}`));
}
