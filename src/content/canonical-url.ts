const TRACKING_PARAMETER =
  /^(?:utm_.*|at_(?:medium|campaign.*|custom\d|link_.*)|fbclid|gclid|gclsrc|dclid|msclkid|yclid|twclid|ttclid|igshid|mc_[ce]id|mkt_tok|_hs(?:enc|mi)|vero_(?:id|conv)|oly_(?:enc|anon)_id|wt_z?mc|xtor|cmpid|ns_(?:mchannel|source|campaign|linkname)|rss_?id|ftag)$/i;
/** Fragments that count readers; every other one may be the very item (changelogs, live blogs). */
const TRACKING_FRAGMENT = /^#(?:xtor=|utm_|ref=rss|rss\b|echobox=)/i;

/**
 * The address as readers get it: absolute, http(s), no credentials, no tracking parameters. The other parameters stay
 * byte for byte: some servers sign them.
 */
export function canonicalUrl(raw: string, base?: string): string | undefined {
  const url = URL.parse(raw.trim(), base);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.hostname === '') {
    return undefined;
  }
  url.username = '';
  url.password = '';
  const parameters = url.search === '' ? [] : url.search.slice(1).split('&');
  const kept = parameters.filter((parameter) => parameter !== '' && !isTracking(parameter));
  if (kept.length !== parameters.length) {
    url.search = kept.join('&');
  }
  if (TRACKING_FRAGMENT.test(url.hash) || url.hash === '#') {
    url.hash = '';
  }
  return url.href;
}

function isTracking(parameter: string): boolean {
  const [name = '', value = ''] = parameter.split('=', 2);
  return TRACKING_PARAMETER.test(name) || (/^(?:source|ref)$/i.test(name) && /^rss\b/i.test(value));
}

/**
 * What makes two addresses the same article: scheme, trailing slash, parameter order and tracking do not matter (T9).
 * For comparison only, never to be opened.
 */
export function urlIdentity(url: string): string {
  const parsed = URL.parse(canonicalUrl(url) ?? '');
  if (parsed === null) {
    return url.trim();
  }
  const path = parsed.pathname.replace(/\/+$/, '');
  const query = parsed.search.slice(1).split('&').sort().join('&');
  return `${parsed.host}${path}${query === '' ? '' : `?${query}`}${parsed.hash}`;
}
