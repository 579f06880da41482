import { expect, it } from 'vitest';
import { createHostGate } from '../../../src/content/host-gate.ts';

it('lets few in at once to one host, and others to other hosts', async () => {
  const gate = createHostGate({ atOnce: 2, patienceMs: 0 });
  const first = await gate.enter('https://one.example/a', undefined);
  const second = await gate.enter('https://one.example/b', undefined);
  expect(first).toBeDefined();
  expect(second).toBeDefined();
  expect(await gate.enter('https://one.example/c', undefined)).toBeUndefined();
  expect(await gate.enter('https://two.example/c', undefined)).toBeDefined();
  first?.leave();
  expect(await gate.enter('https://one.example/c', undefined)).toBeDefined();
});

it('waits a moment for a place, and not for one that nobody wants any more', async () => {
  const gate = createHostGate({ atOnce: 1, patienceMs: 60_000 });
  const first = await gate.enter('https://one.example/', undefined);
  const waiting = gate.enter('https://one.example/', undefined);
  const drained = gate.enter('https://one.example/', AbortSignal.abort());
  expect(await drained).toBeUndefined();
  first?.leave();
  expect(await waiting).toBeDefined();
});
