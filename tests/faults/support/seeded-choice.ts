import { createSeededRandom } from '../../support/seeded-random.ts';

/** Decisions that a seed makes, the same in the same order. */
export interface SeededChoice {
  /** Below `bound`. */
  number(bound: number): number;
  /** Between 0 and 1. */
  fraction(): number;
  one<const Item>(items: readonly Item[]): Item;
}

export function createSeededChoice(seed: number): SeededChoice {
  const random = createSeededRandom(`fault-${seed}`);
  const fraction = (): number => random.bytes(4).readUInt32BE(0) / 2 ** 32;
  const number = (bound: number): number => Math.floor(fraction() * bound);
  return {
    fraction,
    number,
    one: (items) => {
      const item = items[number(items.length)];
      if (item === undefined) {
        throw new Error('nothing to choose from');
      }
      return item;
    },
  };
}
