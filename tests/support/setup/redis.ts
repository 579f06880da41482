import type { TestProject } from 'vitest/node';
import { startRedis } from '../redis-server.ts';
import { sharedValue } from './shared-value.ts';

/** One Redis per run; each test file takes a database of it. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  return sharedValue(project, 'redisUrl', async () => {
    const server = await startRedis();
    return { value: server.url, stop: server.stop };
  });
}
