/**
 * Group commit: what arrives while a statement runs goes out together in the next one. Under load one commit serves all
 * connections that wait; alone it adds nothing.
 */
export interface Batcher<Item, Result> {
  add(item: Item): Promise<Result>;
}

/** @param run must return one result per item, in order; when it throws, every item of that batch fails. */
export function createBatcher<Item, Result>(
  run: (items: readonly Item[]) => Promise<readonly Result[]>,
): Batcher<Item, Result> {
  let waiting: { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void }[] = [];
  let isRunning = false;

  async function drain(): Promise<void> {
    isRunning = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        const results = await run(batch.map(({ item }) => item));
        for (const [index, { resolve, reject }] of batch.entries()) {
          if (index < results.length) {
            resolve(results[index] as Result);
          } else {
            reject(new Error('a batch returned too few results'));
          }
        }
      } catch (error) {
        for (const { reject } of batch) {
          reject(error);
        }
      }
    }
    isRunning = false;
  }

  return {
    add: (item) =>
      new Promise<Result>((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        if (!isRunning) {
          isRunning = true;
          // Everything that is added in this turn of the event loop shares the statement.
          setImmediate(() => void drain());
        }
      }),
  };
}
