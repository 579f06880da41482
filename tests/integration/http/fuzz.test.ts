import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../../../src/start-web.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { sendTestCampaign } from '../../support/readers.ts';
import { openVisit } from '../preferences/visitor.ts';
import {
  becomeReader,
  lastRequestOf,
  readMail,
  rejoinPath,
  subscriptionOf,
  TERMS,
  tokenPath,
} from '../subscriptions/reader.ts';

/** Opens a tag that no page of ours has, so that finding it in an answer means that something was not escaped. */
const MARK = '<x-fuzz';

const NASTY = [
  `${MARK} onload=alert(1)>`,
  `"'>${MARK}>`,
  `</title>${MARK}>`,
  `</textarea>${MARK}>`,
  `{{ "${MARK}>" }}{% raw %}`,
  `\${7*7}#{7*7}<%= 7*7 %>`,
  'x\r\nX-Injected: 1',
  'x\r\n\r\n<html>',
  'x%0d%0aX-Injected: 1',
  '\u0000',
  '\ud800',
  '\u202e\u2066',
  "'; drop table subscribers; --",
  '%',
  '%00',
  '%ff%fe',
  '../../../../etc/passwd',
  '__proto__',
  'constructor',
  '-1',
  '0',
  '1e400',
  '9223372036854775808',
  'NaN',
  'true',
  'null',
  '[]',
  '{}',
  '2026-02-30',
  'en-x-'.repeat(30),
  'a'.repeat(5000),
  'e\u0301'.repeat(300),
  'reader@example.org\nBcc: evil@example.net',
  `"${MARK}>"@example.org`,
  'reader@[127.0.0.1]',
] as const;

/** Every field that some public form has, and some that none has. */
const FIELDS = [
  'email',
  'name',
  'newsletters',
  'terms',
  'privacy',
  'formToken',
  'formVersion',
  'form',
  'locale',
  'lang',
  'timezone',
  'timeZone',
  'altcha',
  'pageUrl',
  'website',
  'press',
  'page',
  'token',
  'more',
  'scope',
  'reason',
  'comment',
  'newsletterId',
  'action',
  'until',
  'allowed',
  'version',
  'open',
  'List-Unsubscribe',
  'accept',
  '__proto__',
  'constructor',
  'toString',
] as const;

const text = fc.oneof(
  fc.constantFrom(...NASTY),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.tuple(fc.constantFrom(...NASTY), fc.string({ maxLength: 10 })).map((parts) => parts.join('')),
  fc.constantFrom(
    'the-weekly',
    'yes',
    'true',
    'all',
    'leave',
    'pause',
    'join',
    'details',
    'tracking',
    'address',
    'other',
    'de',
    'reader@example.org',
  ),
);
const fields = fc.array(fc.tuple(fc.constantFrom(...FIELDS), text), { maxLength: 8 });

interface Attack {
  readonly body: string;
  readonly type: string;
}

/** A lone surrogate cannot be sent; what the encoder makes of it can. */
const form = fields.map((pairs): Attack => ({
  type: 'application/x-www-form-urlencoded',
  body: new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, value])).toString(),
}));
const broken = fc.constantFrom<Attack>(
  { type: 'application/x-www-form-urlencoded', body: 'a=%&b=%zz&=&&&==' },
  { type: 'application/x-www-form-urlencoded', body: 'x[__proto__][y]=1&x[]=2'.repeat(20) },
  { type: 'application/x-www-form-urlencoded; charset=utf-7', body: 'email=+ADw-' },
  { type: 'multipart/form-data; boundary=x', body: '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1' },
  { type: 'multipart/form-data', body: 'no boundary' },
  { type: 'application/json', body: '{"__proto__":{"a":1}}' },
  { type: 'application/json', body: '{"email":' },
  { type: 'text/plain', body: MARK },
  { type: '', body: '' },
);
const json = fc
  .dictionary(fc.constantFrom(...FIELDS), fc.oneof(text, fc.jsonValue({ maxDepth: 3 })), { maxKeys: 8 })
  .map((value): Attack => ({
    type: 'application/json',
    body: JSON.stringify({ email: 'reader@example.org', ...TERMS, ...value }),
  }));

let system: TestSystem;
let cookie: string;
/** Public paths that take a POST, by their route, with a token that works. */
const paths: Record<string, string> = {};

beforeAll(async () => {
  // The inbox is for trials on this machine; it is left out.
  system = await startTestSystem({ environment: { TRUST_PROXY: 'loopback' }, worker: false });
  const { deps } = system;
  await becomeReader(system, 'target@example.org');
  const { id: requestId, subscriberId } = await lastRequestOf(deps, 'target@example.org');
  const { id: subscriptionId } = await subscriptionOf(deps, 'target@example.org');
  ({ cookie } = await openVisit(system, 'target@example.org'));
  const confirm = tokenPath(deps, 'confirm', 'confirm', requestId);
  const unsubscribe = tokenPath(deps, 'unsubscribe', 'unsubscribe', subscriptionId);
  const status = tokenPath(deps, 'check-your-mail', 'signup-status', requestId);
  const preferenceLink = tokenPath(deps, 'my/open', 'preference-link', 1);
  const change = tokenPath(deps, 'address', 'address-change', 1);
  Object.assign(paths, {
    '/subscribe': '/subscribe',
    '/confirm/:token': confirm,
    '/confirm/:token/more': `${confirm}/more`,
    '/confirm/:token/again': `${confirm}/again`,
    '/not-me/:token': tokenPath(deps, 'not-me', 'not-me', requestId + 1),
    '/check-your-mail/:token': status,
    '/unsubscribe/:token': `${unsubscribe}?scope=${encodeURIComponent(MARK)}`,
    '/unsubscribe/:token/reason': `${unsubscribe}/reason`,
    '/rejoin/:token': await rejoinPath(deps, subscriptionId),
    '/preferences': '/preferences',
    '/preferences/:token': tokenPath(deps, 'preferences', 'preferences', subscriberId),
    '/my/open/:token': preferenceLink,
    '/address/:token': change,
    '/my': '/my',
    '/my/delete': '/my/delete',
    '/accept/:token': tokenPath(deps, 'accept', 'accept-terms', subscriberId),
    '/admin/verify/:token': tokenPath(deps, 'admin/verify', 'verify-admin', 1),
    '/admin/frame': '/admin/frame',
    '/admin/evidence': '/admin/evidence',
  });
});
afterAll(() => system.stop());

let sentCount = 0;

async function expectHarmless(path: string, { body, type }: Attack): Promise<void> {
  sentCount += 1;
  const response = await fetch(system.url + path, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      accept: 'text/html',
      // A caller with many addresses, so that the limits do not end the test.
      'x-forwarded-for': `198.51.${sentCount % 250}.${(sentCount * 7) % 250}`,
      ...(type === '' ? {} : { 'content-type': type }),
      ...(path.startsWith('/my') ? { cookie } : {}),
    },
    body,
  });
  const answer = await response.text();
  expect({
    isServerError: response.status >= 500,
    isSplit: response.headers.has('x-injected'),
    isUnescaped:
      answer.toLowerCase().includes(MARK) || [...response.headers.values()].some((value) => value.includes(MARK)),
  }).toEqual({ isServerError: false, isSplit: false, isUnescaped: false });
}

interface Layer {
  readonly route?: { readonly path: unknown; readonly methods: Readonly<Record<string, boolean>> };
  readonly handle: { readonly stack?: readonly Layer[] };
}

/** What takes a POST outside of the API, as the application itself has it. */
function postRoutes(layers: readonly Layer[]): readonly string[] {
  return layers.flatMap(({ route, handle }) => [
    ...(route?.methods['post'] === true ? [String(route.path)] : []),
    ...postRoutes(handle.stack ?? []),
  ]);
}

describe('whatever is posted to a public address', () => {
  it('is tried on every address there is', async () => {
    const app = buildApp(system.deps) as unknown as { readonly router: { readonly stack: readonly Layer[] } };
    const { paths: operations } = (await (await fetch(`${system.url}/api/openapi.json`)).json()) as {
      readonly paths: Readonly<Record<string, object>>;
    };
    const api = new Set(
      Object.keys(operations).map((path) => path.replace('/api/v1', '').replaceAll(/\{(\w+)\}/g, ':$1')),
    );

    const routes = postRoutes(app.router.stack).filter((path) => !api.has(path));

    expect(routes).toEqual(expect.arrayContaining(['/subscribe', '/unsubscribe/:token']));
    expect(routes.filter((path) => paths[path] === undefined)).toEqual([]);
  });

  it('is no server error, splits no header and comes back escaped', { timeout: 120_000 }, async () => {
    for (const path of Object.values(paths).filter((one) => one !== '/my/delete')) {
      await fc.assert(
        fc.asyncProperty(fc.oneof({ weight: 5, arbitrary: form }, broken), (attack) => expectHarmless(path, attack)),
        { numRuns: 60 },
      );
      await fc.assert(
        fc.asyncProperty(text, form, (token, attack) =>
          expectHarmless(path.replace(/[\w-]{32,}/, encodeURIComponent(token.toWellFormed())), attack),
        ),
        { numRuns: 20 },
      );
    }
  });

  it('is no server error at the JSON endpoint either', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof({ weight: 5, arbitrary: json }, broken), (attack) =>
        expectHarmless('/api/v1/subscriptions', attack),
      ),
      { numRuns: 300 },
    );
  });
});

it('shows what a reader typed as their name in a mail as text, never as markup', async () => {
  const reading = await startTestSystem();
  try {
    await becomeReader(reading, 'named@example.org');
    const { deps } = reading;
    await deps.db
      .updateTable('subscribers')
      .set({ name: `Robin ${MARK}>&` })
      .execute();
    const { newsletterId } = await subscriptionOf(deps, 'named@example.org');

    await sendTestCampaign(deps, newsletterId, 'To a name');

    const { html } = await readMail(await reading.sink.waitForMail((mail) => mail.raw.includes('To a name'), 15_000));
    expect(html).toContain('Robin &lt;x-fuzz&gt;&amp;');
    expect(html).not.toContain(MARK);
  } finally {
    await reading.stop();
  }
});
