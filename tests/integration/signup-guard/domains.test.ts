import { describe, expect, it, afterEach } from 'vitest';
import type { MailResolver } from '../../../src/signup-guard/index.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { requestsOf, signUp } from '../subscriptions/reader.ts';
import { submitFrom } from './visitor.ts';

const DNS: Readonly<Record<string, readonly string[]>> = {
  'good.example': ['mx.good.example'],
  'refuses.example': [''],
  'dead.example': [],
};
const resolver: MailResolver = {
  mailHosts: (domain) =>
    DNS[domain] === undefined ? Promise.reject(new Error('no DNS here')) : Promise.resolve(DNS[domain]),
  hasAddress: () => Promise.resolve(false),
};

let system: TestSystem | undefined;
afterEach(() => system?.stop());

describe('domains of addresses, by setting', () => {
  it('that take no mail or are throw-away are refused at the field', async () => {
    system = await startTestSystem({
      worker: false,
      resolver,
      environment: { SIGNUP_CHECK_MX: 'on', SIGNUP_REFUSE_DISPOSABLE: 'on' },
    });
    for (const [email, code] of [
      ['reader@refuses.example', 'email_takes_no_mail'],
      ['reader@dead.example', 'email_takes_no_mail'],
      ['reader@mailinator.com', 'email_disposable'],
    ] as const) {
      const json = await signUp(system, email);
      expect({ email, status: json.status, ...((await json.json()) as object) }).toMatchObject({
        email,
        status: 422,
        code,
        errors: [{ field: 'email', code }],
      });
      const form = await submitFrom(system, undefined, email);
      expect(form.status).toBe(422);
      expect(await form.text()).toMatch(/<input id="email"[^>]*aria-invalid="true"/);
      expect(await requestsOf(system.deps, email)).toEqual([]);
    }
    for (const email of ['reader@good.example', 'reader@dns-is-silent.example']) {
      expect((await signUp(system, email)).status).toBe(202);
      expect((await submitFrom(system, undefined, email)).status).toBe(303);
    }
  });

  it('are all taken while the settings are off', async () => {
    system = await startTestSystem({ worker: false, resolver });

    for (const email of ['reader@refuses.example', 'reader@mailinator.com']) {
      expect((await signUp(system, email)).status).toBe(202);
    }
  });
});
