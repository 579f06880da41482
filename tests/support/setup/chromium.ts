import type { TestProject } from 'vitest/node';
import { provideTools } from '../provide.ts';
import { sharedValue } from './shared-value.ts';

/** Finds or installs the browser before the first test asks for it; the tests launch it themselves. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  return sharedValue(project, 'chromiumPath', async () => {
    const { chromium } = await provideTools(['chromium']);
    return { value: chromium, stop: () => Promise.resolve() };
  });
}
