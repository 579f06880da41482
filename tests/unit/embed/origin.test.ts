import { describe, expect, it } from 'vitest';
import { readOrigin } from '../../../src/embed/origin.ts';

describe('a site that may hold the form', () => {
  it.each([
    ['https://www.example.org', 'https://www.example.org'],
    [' HTTPS://WWW.Example.ORG/ ', 'https://www.example.org'],
    ['https://example.org:443', 'https://example.org'],
    ['https://example.org:8443', 'https://example.org:8443'],
    ['https://zeitung.example:8443/', 'https://zeitung.example:8443'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
    ['http://localhost:5173', 'http://localhost:5173'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
    ['http://site.localhost', 'http://site.localhost'],
  ])('is written as browsers write it: %s', (text, origin) => {
    expect(readOrigin(text)).toEqual({ ok: true, origin });
  });

  it.each([
    ['example.org', /scheme and host/],
    ['', /scheme and host/],
    ['null', /scheme and host/],
    ['*', /scheme and host/],
    ['https://', /scheme and host/],
    ['javascript:alert(1)', /scheme and host/],
    ['file:///etc/passwd', /scheme and host/],
    ['chrome-extension://abcdef', /scheme and host/],
    ['https://example.org/articles', /after the host: https:\/\/example\.org$/],
    ['https://example.org/?a=b', /after the host/],
    ['https://example.org?', /after the host/],
    ['https://example.org/#top', /after the host/],
    ['https://ada:secret@example.org', /after the host/],
    ['https://*.example.org', /Name each host/],
    ['http://example.org', /Use https/],
    ['http://127.0.0.1.evil.example', /Use https/],
    ['http://localhost.evil.example', /Use https/],
  ])('is refused with what to write instead: %j', (text, message) => {
    const read = readOrigin(text);

    expect(read.ok ? read.origin : read.message).toMatch(message);
    expect(read.ok).toBe(false);
  });
});
