import { afterEach, expect, it, vi } from 'vitest';
import { provideTools } from '../../support/provide.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

it('says what to install where there is no apt', async () => {
  vi.stubEnv('PATH', '/nowhere');

  await expect(provideTools(['redis-server'])).rejects.toThrow(
    'The tests need redis-server. Install what gives these programs with your package manager ' +
      '(on Debian: sudo apt-get install redis-server) and run again.',
  );
});

it('asks neither network nor package manager for what is there', async () => {
  vi.stubEnv('PATH', import.meta.dirname);

  await expect(provideTools([])).resolves.toEqual({});
});
