import { describe, expect, it } from 'vitest';
import { parseRedisUrl } from '../../../../src/platform/redis/index.ts';

describe('parseRedisUrl', () => {
  it.each([
    ['redis://localhost', { host: 'localhost', port: 6379, db: 0 }],
    ['redis://localhost:6380/3', { host: 'localhost', port: 6380, db: 3 }],
    ['redis://[::1]:6380/', { host: '::1', port: 6380, db: 0 }],
    ['redis://:p%40ss@cache', { host: 'cache', port: 6379, db: 0, password: 'p@ss' }],
    ['rediss://me:a:b@cache', { host: 'cache', port: 6379, db: 0, username: 'me', password: 'a:b', tls: {} }],
  ])('reads %s', (url, options) => {
    expect(parseRedisUrl(url)).toEqual({ kind: 'server', options });
  });

  it('reads sentinels', () => {
    expect(parseRedisUrl('redis+sentinel://:pw@h1:26380,h2/mymaster/2')).toEqual({
      kind: 'server',
      options: {
        name: 'mymaster',
        sentinels: [
          { host: 'h1', port: 26_380 },
          { host: 'h2', port: 26_379 },
        ],
        db: 2,
        password: 'pw',
        enableTLSForSentinelMode: false,
      },
    });
  });

  it('reads the nodes of a cluster', () => {
    expect(parseRedisUrl('redis+cluster://h1,h2:7000?tls=true')).toEqual({
      kind: 'cluster',
      nodes: [
        { host: 'h1', port: 6379 },
        { host: 'h2', port: 7000 },
      ],
      options: { tls: {} },
    });
  });

  it.each([
    'redis://',
    'http://localhost',
    'redis://a,b',
    'redis://host:99999',
    'redis://host/first',
    'redis+sentinel://h1,h2',
    'redis+sentinel://h1/master/first',
    'redis://secret%zz@host',
    'redis://ho st',
  ])('refuses %s without quoting it', (url) => {
    expect(() => parseRedisUrl(url)).toThrow(
      expect.objectContaining({ code: 'setting_invalid', message: expect.stringMatching(/^REDIS_URL: (?!.*secret)/) }),
    );
  });
});
