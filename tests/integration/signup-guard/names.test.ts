import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { requestsOf, signUp } from '../subscriptions/reader.ts';
import { submitFrom } from './visitor.ts';

let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem({ worker: false });
});
afterAll(() => system.stop());

describe('a name (R38)', () => {
  it.each([
    ['a link', 'Win at https://evil.example', 'name_invalid'],
    ['an address of the web', 'www.evil.example', 'name_invalid'],
    ['a bare domain', 'cheap-pills.xyz for you', 'name_invalid'],
    ['a bare domain and a path', 'bit.ly/x', 'name_invalid'],
    ['a mail address', 'rita@example.org', 'name_invalid'],
    ['a full-width at', 'rita＠example', 'name_invalid'],
    ['a full-width dot', 'evil．com', 'name_invalid'],
    ['a scheme-relative link', '//evil.example', 'name_invalid'],
    ['a line break', 'Rita\r\nBcc: victim', 'name_invalid'],
    ['a line separator', 'Rita\u2028Reader', 'name_invalid'],
    ['writing from the other side', 'Rita\u202egpj.exe', 'name_invalid'],
    ['5,000 characters', 'x'.repeat(5000), 'name_too_long'],
    ['121 characters', '界'.repeat(121), 'name_too_long'],
  ])('with %s is refused at its field, by the form and in JSON', async (_what, name, code) => {
    const json = await signUp(system, 'named@example.org', { name });
    expect(json.status).toBe(422);
    expect(await json.json()).toMatchObject({ errors: [{ field: 'name', code }] });

    const form = await submitFrom(system, undefined, 'named@example.org', { name });
    expect(form.status).toBe(422);
    expect(await form.text()).toMatch(/<input id="name"[^>]*aria-invalid="true" aria-describedby="name-error"/);
    expect(await requestsOf(system.deps, 'named@example.org')).toEqual([]);
  });

  it.each([
    'J.R.R. Tolkien',
    'St.John Smythe',
    'Dr.Müller',
    "Anaïs O'Neill-Łukasz",
    'علی\u200cرضا',
    '李小龍 (Bruce)',
    '界'.repeat(120),
  ])('such as %s is taken', async (name) => {
    expect((await signUp(system, 'taken@example.org', { name })).status).toBe(202);
    expect((await submitFrom(system, undefined, 'taken@example.org', { name })).status).toBe(303);
  });
});
