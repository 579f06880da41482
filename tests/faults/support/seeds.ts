import { inject } from 'vitest';
import { QUEUES } from '../../support/queue-kinds.ts';

/** On each queue, and on each of them others. */
const SHORT_RUN = 3;

/** `SEED=17`: that one, to look at it again. `SEEDS=200`: the long run. */
export function chooseSeeds(): readonly number[] {
  const { SEED, SEEDS } = process.env;
  if (SEED !== undefined) {
    return [Number(SEED)];
  }
  const before = SEEDS === undefined ? QUEUES.indexOf(inject('queue')) * SHORT_RUN : 0;
  return Array.from({ length: Number(SEEDS ?? SHORT_RUN) }, (_, index) => before + index + 1);
}
