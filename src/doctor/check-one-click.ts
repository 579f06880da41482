import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { dnsRecordOf } from '../dkim/index.ts';
import type { DkimKey } from '../dkim/index.ts';
import type { Newsletter } from '../newsletters/index.ts';
import { asError } from '../shared/app-error.ts';
import { failed, ok, staysHere, warning } from './check.ts';
import type { Check } from './check.ts';
import { reasonOf, WEB_PATIENCE_MS } from './check-public-url.ts';
import { buildSampleMail, MADE_UP_ADDRESS } from './sample-mail.ts';
import type { SampleDeps } from './sample-mail.ts';

const NAME = 'one-click';
const ONE_CLICK = 'List-Unsubscribe=One-Click';

/**
 * RFC 8058 from end to end, for a reader who was never there: a list mail is made, its headers and its signature are read as a
 * mailbox provider reads them, and its link is pressed. Nobody is unsubscribed by it.
 */
export async function checkOneClick(
  deps: SampleDeps,
  newsletter: Newsletter,
  { keys, isSigned }: { readonly keys: readonly DkimKey[]; readonly isSigned: boolean },
): Promise<Check> {
  let bytes: Buffer;
  try {
    ({ bytes } = await buildSampleMail(deps, newsletter, { kind: 'campaign', address: MADE_UP_ADDRESS, isSigned }));
  } catch (error) {
    return failed(NAME, `${newsletter.slug}: no mail can be made: ${asError(error).message}`);
  }
  const header = unfold(bytes);
  const url = unsubscribeUrlIn(header);
  if (url === undefined || !url.startsWith(`${deps.config.publicUrl}/`)) {
    return failed(NAME, `${newsletter.slug}: its mails lack the two headers of one-click unsubscribe`);
  }
  const fault = await pressLink(url, deps.config.publicUrlIsLoopback);
  if (fault !== undefined) {
    return fault;
  }
  return isSigned
    ? judgeSignature(newsletter.slug, bytes, keys, staysHere(deps.config))
    : ok(NAME, `${newsletter.slug}: both headers are there, the link answers 200; your relay has to sign both`);
}

function unfold(bytes: Buffer): string {
  const message = bytes.toString('latin1');
  return message.slice(0, message.indexOf('\r\n\r\n') + 2).replaceAll(/\r\n(?=[ \t])/g, '');
}

/** R1: exactly one of each, with one web address. */
function unsubscribeUrlIn(header: string): string | undefined {
  const [unsubscribe, ...others] = header.match(/^List-Unsubscribe:.*$/gim) ?? [];
  const posts = header.match(/^List-Unsubscribe-Post:.*$/gim) ?? [];
  const urls = unsubscribe?.match(/<https?:[^>]+>/g) ?? [];
  const isPost = posts.length === 1 && posts[0]?.replace(/^[^:]+:\s*/, '').trim() === ONE_CLICK;
  return others.length === 0 && urls.length === 1 && isPost ? urls[0]?.slice(1, -1) : undefined;
}

/** Undefined when it answers as it must: 200, no redirect (R2). */
async function pressLink(url: string, isLoopback: boolean): Promise<Check | undefined> {
  const { origin } = new URL(url);
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: ONE_CLICK,
      redirect: 'manual',
      signal: AbortSignal.timeout(WEB_PATIENCE_MS),
    });
    await response.body?.cancel();
  } catch (error) {
    return isLoopback
      ? warning(NAME, `could not press the link: nothing answers at ${origin}`, 'run npm start')
      : failed(NAME, `the link of a mail does not answer at ${origin}: ${reasonOf(error)}`);
  }
  return response.status === 200 && !response.headers.has('location')
    ? undefined
    : failed(
        NAME,
        `the link of a mail answers ${response.status} at ${origin} where mailbox providers want 200`,
        'let POST requests through to /unsubscribe/ as they are',
      );
}

async function judgeSignature(slug: string, bytes: Buffer, keys: readonly DkimKey[], isLocal: boolean): Promise<Check> {
  const published = new Map(keys.map(dnsRecordOf).map(({ name, value }) => [name, value]));
  const { results } = await dkimVerify(bytes, {
    resolver: (name) => Promise.resolve([[published.get(name.toLowerCase()) ?? '']]),
  });
  const [result] = results;
  if (result === undefined || result.status.result === 'none') {
    if (isLocal) {
      return ok(NAME, `${slug}: both headers are there, the link answers 200; a signature is not needed yet`);
    }
    return warning(
      NAME,
      `${slug}: the link works, but the mail leaves here unsigned`,
      'Gmail shows the button only when the two headers are signed; make a key, or check that your relay signs both',
    );
  }
  const signed = (result.signingHeaders?.keys ?? '').toLowerCase().split(/[:\s]+/);
  const isWhole = ['list-unsubscribe', 'list-unsubscribe-post'].every((name) => signed.includes(name));
  return result.status.result === 'pass' && isWhole
    ? ok(NAME, `${slug}: both headers are there and signed, the link answers 200`)
    : failed(NAME, `${slug}: the signature of its mails is not valid (${result.status.comment ?? 'headers missing'})`);
}
