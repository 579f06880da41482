import { writeSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';
import { QUEUES } from './queue-kinds.ts';

interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * Says at the very end how many tests ran on which queue. The last line is for machines: `N passed, N failed`, with
 * `, N skipped` where some were. It is written as the process ends, so that nothing follows it.
 */
export function createQueueReporter(): Reporter {
  const byProject = new Map<string, Totals>();
  let brokenBesides = 0;
  return {
    onInit: () => {
      process.once('exit', (exitCode) => {
        const lines = describeRun(byProject, brokenBesides, exitCode);
        writeSync(1, `${lines.join('\n')}\n`);
      });
    },
    onTestRunEnd: (modules, unhandledErrors) => {
      byProject.clear();
      brokenBesides = unhandledErrors.length;
      for (const module of modules) {
        addModule(byProject, module);
      }
    },
  };
}

function addModule(byProject: Map<string, Totals>, module: TestModule): void {
  const totals = byProject.get(module.project.name) ?? { passed: 0, failed: 0, skipped: 0 };
  byProject.set(module.project.name, totals);
  let failedTests = 0;
  for (const test of module.children.allTests()) {
    const { state } = test.result();
    // A test still pending when the run ended never got its answer.
    totals[state === 'pending' ? 'failed' : state] += 1;
    failedTests += state === 'passed' || state === 'skipped' ? 0 : 1;
  }
  // A file that does not load, or whose hooks fail, has no failed test to count.
  if (module.state() === 'failed' && failedTests === 0) {
    totals.failed += 1;
  }
}

function describeRun(
  byProject: ReadonlyMap<string, Totals>,
  brokenBesides: number,
  exitCode: number,
): readonly string[] {
  const queueLines = QUEUES.map((queue) => {
    const ran = [...byProject].filter(([name]) => name.endsWith(`-${queue}-queue`));
    return `on the ${queue} queue: ${describe(sum(ran.map(([, totals]) => totals)))}`;
  });
  const all = sum([...byProject.values()]);
  all.failed += brokenBesides;
  if (exitCode !== 0 && all.failed === 0) {
    all.failed = 1;
  }
  return ['', ...queueLines, describe(all)];
}

function sum(parts: readonly Totals[]): Totals {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const part of parts) {
    total.passed += part.passed;
    total.failed += part.failed;
    total.skipped += part.skipped;
  }
  return total;
}

function describe({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
