import { describe, expect, it } from 'vitest';
import { strangerEnvironment } from '../../../bench/fresh-clone.ts';

describe('strangerEnvironment', () => {
  it('drops what npm run added and keeps what the machine has', () => {
    const environment = {
      HOME: '/home/stranger',
      PATH: '/srv/courant/node_modules/.bin:/usr/lib/npm/node-gyp-bin:/usr/bin:/bin',
      NODE: '/srv/courant/node_modules/node/bin/node',
      npm_lifecycle_event: 'bench',
      npm_package_json: '/srv/courant/package.json',
      npm_config_local_prefix: '/srv/courant',
      npm_config_registry: 'https://registry.example.org/',
      npm_config_cache: '/home/stranger/.npm',
    };

    expect(strangerEnvironment(environment)).toEqual({
      HOME: '/home/stranger',
      PATH: '/usr/bin:/bin',
      npm_config_registry: 'https://registry.example.org/',
      npm_config_cache: '/home/stranger/.npm',
    });
  });
});
