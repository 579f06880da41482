import { defineConfig } from 'vitest/config';
import type { TestProjectInlineConfiguration } from 'vitest/config';
import { QUEUES } from './tests/support/queue-kinds.ts';
import type { QueueKind } from './tests/support/queue-kinds.ts';
import { createQueueReporter } from './tests/support/queue-reporter.ts';

const setUp = (name: 'postgres' | 'redis' | 'chromium'): string => `tests/support/setup/${name}.ts`;

/** Groups run one after another, so that a browser test does not share two cores with everything else. */
const GROUPS = { fast: 0, integration: 1, e2e: 2, faults: 3 } as const;

const fastProjects: readonly TestProjectInlineConfiguration[] = [
  {
    test: {
      name: 'unit',
      include: ['tests/unit/**/*.test.ts'],
      sequence: { groupOrder: GROUPS.fast },
    },
  },
  {
    test: {
      name: 'architecture',
      include: ['tests/architecture/**/*.test.ts'],
      testTimeout: 60_000,
      sequence: { groupOrder: GROUPS.fast },
    },
  },
];

/** What `npm start` is made of: processes, signals and the embedded server. No queue is under it, so it runs once. */
const processesProject: TestProjectInlineConfiguration = {
  test: {
    name: 'processes',
    include: ['tests/processes/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    sequence: { groupOrder: GROUPS.integration },
  },
};

/** Everything that has a queue under it runs twice: once with the jobs in PostgreSQL, once in Redis. */
function projectsOn(queue: QueueKind): readonly TestProjectInlineConfiguration[] {
  const servers = queue === 'redis' ? [setUp('postgres'), setUp('redis')] : [setUp('postgres')];
  return [
    {
      test: {
        name: `integration-${queue}-queue`,
        include: ['tests/integration/**/*.test.ts'],
        globalSetup: servers,
        provide: { queue },
        testTimeout: 20_000,
        hookTimeout: 20_000,
        sequence: { groupOrder: GROUPS.integration },
      },
    },
    {
      test: {
        name: `e2e-${queue}-queue`,
        // On Redis the short way through is enough: what differs between the queues is held by the integration tests.
        include: [queue === 'postgres' ? 'tests/e2e/**/*.test.ts' : 'tests/e2e/smoke/**/*.test.ts'],
        globalSetup: [...servers, setUp('chromium')],
        provide: { queue },
        testTimeout: 60_000,
        hookTimeout: 60_000,
        maxWorkers: 1,
        sequence: { groupOrder: GROUPS.e2e },
      },
    },
    {
      test: {
        name: `faults-${queue}-queue`,
        include: ['tests/faults/**/*.test.ts'],
        // What a mail server does is the same on both queues.
        exclude: queue === 'postgres' ? [] : ['tests/faults/sending/relay.test.ts'],
        // These crash servers, so each starts its own (startPostgres, startRedis).
        provide: { queue },
        testTimeout: 180_000,
        hookTimeout: 120_000,
        // Most of the time they wait for a lease to run out.
        maxConcurrency: 6,
        sequence: { groupOrder: GROUPS.faults },
      },
    },
  ];
}

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['default', createQueueReporter()],
    projects: [...fastProjects, processesProject, ...QUEUES.flatMap(projectsOn)],
  },
});
