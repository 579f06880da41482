import { describe, expect, it } from 'vitest';
import { parseConfig, SETTING_NAMES } from '../../../src/config/index.ts';
import { AppError } from '../../../src/shared/app-error.ts';

const SECRET = 'a secret of the tests that is long enough';

function refusal(environment: Readonly<Record<string, string>>): AppError {
  try {
    parseConfig(environment);
  } catch (error) {
    if (error instanceof AppError) {
      return error;
    }
    throw error;
  }
  throw new Error('the settings were taken');
}

describe('parseConfig', () => {
  it('needs nothing at all: everything is embedded and mail stays on this machine', () => {
    expect(parseConfig({})).toEqual({
      port: 3000,
      host: '127.0.0.1',
      publicUrl: 'http://localhost:3000',
      publicUrlIsLoopback: true,
      databaseUrl: undefined,
      redisUrl: undefined,
      smtpUrl: undefined,
      smtpIsLoopback: true,
      signsMail: true,
      secretKeys: undefined,
      mailFrom: undefined,
      bounceDomain: undefined,
      postalAddress: undefined,
      dataDir: './data',
      logLevel: 'info',
      trustProxy: false,
      fetchAllow: [],
      signup: { proofOfWork: 'burst', limitPerMinute: 6000, refuseDisposable: false, checkMx: false },
    });
  });

  it('takes the settings of the sign-up', () => {
    const { signup } = parseConfig({
      SIGNUP_PROOF_OF_WORK: 'always',
      SIGNUP_LIMIT_PER_MINUTE: '100',
      SIGNUP_REFUSE_DISPOSABLE: 'on',
      SIGNUP_CHECK_MX: 'true',
    });

    expect(signup).toEqual({ proofOfWork: 'always', limitPerMinute: 100, refuseDisposable: true, checkMx: true });
  });

  it('takes the domain of return paths, as it goes over the wire (R9)', () => {
    expect(parseConfig({ BOUNCE_DOMAIN: ' Bounces.Example.org' }).bounceDomain).toBe('bounces.example.org');
    expect(parseConfig({ BOUNCE_DOMAIN: 'bücher.example' }).bounceDomain).toBe('xn--bcher-kva.example');
  });

  it.each([
    ['smtp://a.example?sign=off', false],
    ['smtp://a.example?sign=off smtp://b.example', true],
  ])('knows whether mail leaves here signed by %s', (smtpUrl, signsMail) => {
    expect(parseConfig({ SMTP_URL: smtpUrl, MAIL_FROM: 'news@example.org' })).toMatchObject({ signsMail });
  });

  it('takes an empty variable for an unset one, as compose files pass it', () => {
    const empty = Object.fromEntries(SETTING_NAMES.map((name) => [name, '']));

    expect(parseConfig(empty)).toEqual(parseConfig({}));
  });

  it('takes all of a production environment', () => {
    const config = parseConfig({
      PORT: '8080',
      HOST: '0.0.0.0',
      PUBLIC_URL: 'https://news.example.org/',
      DATABASE_URL: 'postgresql://courant:secret@db.example:5432/courant',
      REDIS_URL: 'redis+sentinel://a:26379,b:26379/main/0',
      SMTP_URL: 'smtps://user:secret@relay.example:465',
      SECRET_KEY: `${SECRET} new, ${SECRET} old`,
      MAIL_FROM: 'news@example.org',
      POSTAL_ADDRESS: 'Paper Street 1, 10117 Berlin',
      DATA_DIR: '/var/lib/courant',
      LOG_LEVEL: 'warn',
      TRUST_PROXY: 'loopback, 10.0.0.0/8',
      FETCH_ALLOW: '127.0.0.0/8, fd00::/8',
    });

    expect(config).toMatchObject({
      port: 8080,
      publicUrl: 'https://news.example.org',
      publicUrlIsLoopback: false,
      smtpIsLoopback: false,
      secretKeys: [`${SECRET} new`, `${SECRET} old`],
      trustProxy: 'loopback, 10.0.0.0/8',
      fetchAllow: ['127.0.0.0/8', 'fd00::/8'],
    });
  });

  it.each([
    { value: '2', trustProxy: 2 },
    { value: 'none', trustProxy: false },
    { value: 'false', trustProxy: false },
    { value: 'loopback', trustProxy: 'loopback' },
    { value: '192.0.2.7', trustProxy: '192.0.2.7' },
    { value: 'uniquelocal,2001:db8::/32', trustProxy: 'uniquelocal,2001:db8::/32' },
  ])('gives Express $trustProxy for TRUST_PROXY=$value', ({ value, trustProxy }) => {
    expect(parseConfig({ TRUST_PROXY: value }).trustProxy).toBe(trustProxy);
  });

  it('is on this machine only when all relays are on this machine', () => {
    const withRelays = (smtpUrl: string) =>
      parseConfig({ SMTP_URL: smtpUrl, MAIL_FROM: 'news@example.org' }).smtpIsLoopback;

    expect(withRelays('smtp://127.0.0.1 smtp://localhost:2525')).toBe(true);
    expect(withRelays('smtp://127.0.0.1 smtp://relay.example')).toBe(false);
  });

  it.each([
    ['SIGNUP_PROOF_OF_WORK', 'yes'],
    ['SIGNUP_LIMIT_PER_MINUTE', '0'],
    ['SIGNUP_LIMIT_PER_MINUTE', 'many'],
    ['SIGNUP_REFUSE_DISPOSABLE', 'please'],
    ['SIGNUP_CHECK_MX', '2'],
    ['PORT', 'http'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '30.5'],
    ['PUBLIC_URL', 'news.example.org'],
    ['PUBLIC_URL', 'ftp://news.example.org'],
    ['DATABASE_URL', 'mysql://localhost/courant'],
    ['DATABASE_URL', 'localhost:5432'],
    ['REDIS_URL', 'localhost:6379'],
    ['REDIS_URL', 'http://localhost:6379'],
    ['SMTP_URL', 'relay.example'],
    ['SMTP_URL', 'http://relay.example'],
    ['SMTP_URL', 'smtp://relay.example?connections=many'],
    ['SMTP_URL', 'smtp://relay.example, relay.example.net'],
    ['POSTAL_ADDRESS', 'x'.repeat(501)],
    ['LOG_LEVEL', 'loud'],
    ['TRUST_PROXY', 'true'],
    ['TRUST_PROXY', 'everybody'],
    ['TRUST_PROXY', 'loopback, 10.0.0.0/99'],
    ['FETCH_ALLOW', 'localhost'],
    ['FETCH_ALLOW', '127.0.0.1'],
    ['FETCH_ALLOW', '127.0.0.0/8 300.0.0.0/8'],
    ['FETCH_ALLOW', '10.0.0.0/33'],
  ])('refuses %s=%s in one line that begins with its name', (name, value) => {
    const error = refusal({ [name]: value });

    expect(error).toMatchObject({ kind: 'setting', code: 'setting_invalid' });
    expect(error.message).toMatch(new RegExp(`^${name}: .{5,}$`));
  });

  it.each([
    {
      because: 'a link in a mail carries a token',
      environment: { PUBLIC_URL: 'http://news.example.org' },
      says: /^PUBLIC_URL: must begin with https/,
    },
    {
      because: 'a name that only begins like this machine is somewhere else',
      environment: { PUBLIC_URL: 'http://127.0.0.1.example.org' },
      says: /^PUBLIC_URL: must begin with https/,
    },
    {
      because: 'tokens outlive the process',
      environment: { DATABASE_URL: 'postgres://localhost/courant' },
      says: /^SECRET_KEY: is required with DATABASE_URL; make one with/,
    },
    {
      because: 'the local inbox shows every mail to whoever opens it',
      environment: { PUBLIC_URL: 'https://news.example.org' },
      says: /^SMTP_URL: is required once PUBLIC_URL/,
    },
    {
      because: 'a relay needs a sender',
      environment: { SMTP_URL: 'smtp://relay.example' },
      says: /^MAIL_FROM: is required with SMTP_URL/,
    },
    {
      because: 'a sender is one address',
      environment: { SMTP_URL: 'smtp://relay.example', MAIL_FROM: 'News <news@example.org>' },
      says: /^MAIL_FROM: must be one plain address/,
    },
    ...['x', 'a@b.example', 'bounces example.org', '-.example.org', '127.0.0.1', `${'long.'.repeat(40)}example`].map(
      (domain) => ({
        because: `${domain} is no domain that takes mail`,
        environment: { BOUNCE_DOMAIN: domain },
        says: /^BOUNCE_DOMAIN: must be one domain such as/,
      }),
    ),
  ])('refuses settings that do not go together: $because', ({ environment, says }) => {
    expect(refusal(environment).message).toMatch(says);
  });

  it('never repeats a secret in what it says', () => {
    const messages = [
      refusal({ DATABASE_URL: 'mysql://courant:hunter2@localhost/courant' }),
      refusal({ REDIS_URL: 'http://:hunter2@localhost' }),
      refusal({ SMTP_URL: 'http://user:hunter2@relay.example' }),
      refusal({ SMTP_URL: 'smtp://user:hunter2@relay.example:port', MAIL_FROM: 'news@example.org' }),
    ].map(({ message }) => message);

    expect(messages.join('\n')).not.toContain('hunter2');
  });
});
