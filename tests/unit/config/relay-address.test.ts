import { describe, expect, it } from 'vitest';
import { isLoopbackRelay, parseRelayUrls } from '../../../src/config/index.ts';
import type { RelayAddress } from '../../../src/config/index.ts';

function one(smtpUrl: string): RelayAddress | undefined {
  const relays = parseRelayUrls(smtpUrl);
  expect(relays).toHaveLength(1);
  return relays[0];
}

describe('parseRelayUrls', () => {
  it('asks for TLS as soon as a password or a reader leaves this machine', () => {
    expect(one('smtp://me:secret@mail.example.org')).toMatchObject({
      port: 587,
      requireTls: true,
      credentials: { user: 'me', pass: 'secret' },
    });
    expect(one('smtp://me:secret@127.0.0.1:25')).toMatchObject({ port: 25, requireTls: false, ignoreTls: true });
    expect(one('smtp://mail.example.org:25')).toMatchObject({ requireTls: false, ignoreTls: false });
    expect(one('smtps://me:secret@mail.example.org')).toMatchObject({ port: 465, secure: true });
  });

  it('sends no password in clear text to another machine', () => {
    expect(() => parseRelayUrls('smtp://me:secret@mail.example.org?tls=off')).toThrow(/^SMTP_URL: tls=off/);
    expect(one('smtp://mail.example.org?tls=off')?.ignoreTls).toBe(true);
  });

  it('takes user and password percent-encoded', () => {
    expect(one('smtp://me%40x:p%25s%2C%20@mail.example.org')?.credentials).toEqual({ user: 'me@x', pass: 'p%s, ' });
    expect(() => parseRelayUrls('smtp://me:50%off@mail.example.org')).toThrow(/^SMTP_URL: .*%25/);
  });

  it('takes several in the order of preference, each with its own limits', () => {
    const relays = parseRelayUrls(
      'smtp://me:secret@email-smtp.eu-central-1.amazonaws.com:587?connections=20&per-second=14&per-day=50000, smtps://[2001:db8::1]?messages=100\n smtp://localhost:25?per-hour=7&name=news.example.org',
    );

    expect(relays).toMatchObject([
      {
        key: 'email-smtp.eu-central-1.amazonaws.com:587',
        maxConnections: 20,
        maxMessagesPerConnection: undefined,
        limits: { perSecond: 14, perDay: 50_000 },
      },
      { key: '[2001:db8::1]:465', host: '2001:db8::1', maxConnections: 10, maxMessagesPerConnection: 100, limits: {} },
      { key: 'localhost:25', clientName: 'news.example.org', limits: { perHour: 7 } },
    ]);
    expect(relays.map(isLoopbackRelay)).toEqual([false, false, true]);
  });

  it('signs what goes by a relay unless it is told that the relay does', () => {
    const relays = parseRelayUrls('smtp://a.example smtp://b.example?sign=off');

    expect(relays.map(({ isSigned }) => isSigned)).toEqual([true, false]);
  });

  it.each([
    ['', 'must look like'],
    [' , ', 'must look like'],
    ['mail.example.org', 'must look like'],
    ['https://mail.example.org', 'must look like'],
    ['smtp://', 'must look like'],
    ['smtp://a.example smtp://', 'must look like'],
    ['smtp://a.example?tls=maybe', 'tls must be required, opportunistic or off'],
    ['smtp://a.example?connections=0', 'connections must be a number from 1 to 1000'],
    ['smtp://a.example?connections=many', 'connections must be a number from 1 to 1000'],
    ['smtp://a.example?sign=on', 'sign can only be off'],
    ['smtp://a.example?messages=-1', 'messages must be a number'],
    ['smtp://a.example?per-second=1.5', 'per-second must be a number'],
    ['smtp://a.example?per-minute=5', 'takes tls, name, sign, connections'],
    ['smtp://a.example?name=a%0d%0aMAIL', 'name must be a host name'],
    ['smtp://a.example?per-day=5&per-day=6', 'names per-day twice'],
    ['smtp://me:secret@a.example smtp://you:secret@a.example:587', 'names a relay twice'],
  ])('refuses %j: %s', (smtpUrl, words) => {
    expect(() => parseRelayUrls(smtpUrl)).toThrow(
      expect.objectContaining({ kind: 'setting', message: expect.stringContaining(`SMTP_URL: ${words}`) }),
    );
  });

  it('says nothing of the password in what it refuses', () => {
    for (const smtpUrl of [
      'smtp://me:s3cret@a.example?tls=s3cret',
      'smpt://me:s3cret@a.example',
      'smtp://me:s3cret%@a.example',
    ]) {
      expect(() => parseRelayUrls(smtpUrl)).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining('s3cret') }),
      );
    }
  });
});
