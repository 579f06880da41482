import type { ProvidedContext } from 'vitest';
import type { TestProject } from 'vitest/node';

/**
 * Several projects name the same set-up: the first one that runs does the work and leaves the value at the root project,
 * from where all inherit it. Returns the teardown to the one that did the work.
 */
export async function sharedValue<Key extends keyof ProvidedContext>(
  project: TestProject,
  key: Key,
  start: () => Promise<{ readonly value: ProvidedContext[Key]; stop(): Promise<void> }>,
): Promise<(() => Promise<void>) | undefined> {
  const root = project.vitest.getRootProject();
  if (root.getProvidedContext()[key] !== undefined) {
    return undefined;
  }
  const { value, stop } = await start();
  root.provide(key, value);
  return stop;
}
