import { describe, expect, it } from 'vitest';
import { parseRelayUrl } from '../../../../src/platform/smtp/index.ts';

describe('parseRelayUrl', () => {
  it('asks for STARTTLS where a password leaves this machine, and for none on this machine', () => {
    expect(parseRelayUrl('smtp://me:secret@mail.example.org')).toMatchObject({
      port: 587,
      requireTls: true,
      ignoreTls: false,
    });
    expect(parseRelayUrl('smtp://me:secret@127.0.0.1:25')).toMatchObject({
      port: 25,
      requireTls: false,
      ignoreTls: true,
    });
    expect(parseRelayUrl('smtp://mail.example.org:25')).toMatchObject({ requireTls: false, ignoreTls: false });
    expect(parseRelayUrl('smtps://me:secret@mail.example.org')).toMatchObject({ port: 465, secure: true });
  });

  it('refuses to send a password to another machine in clear text', () => {
    expect(() => parseRelayUrl('smtp://me:secret@mail.example.org?tls=off')).toThrow(/^SMTP_URL: tls=off/);
    expect(parseRelayUrl('smtp://mail.example.org?tls=off').ignoreTls).toBe(true);
  });

  it('decodes user and password, and says what to do when it cannot', () => {
    expect(parseRelayUrl('smtp://me%40x:p%25s@mail.example.org').credentials).toEqual({ user: 'me@x', pass: 'p%s' });
    expect(() => parseRelayUrl('smtp://me:50%off@mail.example.org')).toThrow(/^SMTP_URL: .*%25/);
  });
});
