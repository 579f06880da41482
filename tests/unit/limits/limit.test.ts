import { describe, expect, it } from 'vitest';
import { mailDomainOf } from '../../../src/limits/index.ts';
import { parseScope } from '../../../src/limits/limit.ts';
import { parseSendWindow } from '../../../src/shared/send-window.ts';

describe('a scope', () => {
  it.each([
    ['overall', 'overall'],
    [' Overall ', 'overall'],
    ['domain:*', 'domain:*'],
    ['domain:Gmail.COM', 'domain:gmail.com'],
    ['domain:münchen.example', 'domain:xn--mnchen-3ya.example'],
    ['relay:Mail.example.org:587', 'relay:mail.example.org:587'],
    ['relay:[::1]:25', 'relay:[::1]:25'],
    ['relay:2001:db8::1:2525', 'relay:2001:db8::1:2525'],
  ])('%s is %s', (text, scope) => expect(parseScope(text)).toBe(scope));

  it.each([
    '',
    'all',
    'relay:',
    'relay:host',
    'relay:host:port',
    'relay:a b:25',
    'domain:',
    'domain:a@b.example',
    'domain:*.example',
    'domain:a/b',
    `domain:${'a'.repeat(300)}.example`,
  ])('%s is none', (text) => expect(parseScope(text)).toBeUndefined());
});

describe('the domain of an address', () => {
  it.each([
    ['reader@Example.ORG', 'example.org'],
    ['用户@例子.example', 'xn--fsqu00a.example'],
    ['"a@b"@example.org', 'example.org'],
  ])('of %s is %s', (address, domain) => expect(mailDomainOf(address)).toBe(domain));
});

describe('a window', () => {
  it.each([
    ['08:00-20:00', '08:00-20:00'],
    ['8:00 - 20:30', '08:00-20:30'],
    ['22:00–06:00', '22:00-06:00'],
  ])('%s is %s', (text, window) => expect(parseSendWindow(text)).toBe(window));

  it.each(['', '08:00', '08:00-08:00', '8-20', '24:00-25:00', '08:60-09:00', '08:00-20:00-22:00'])(
    '%s is none',
    (text) => expect(parseSendWindow(text)).toBeUndefined(),
  );
});
