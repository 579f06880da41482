import { renderLogic } from '../rendering/index.ts';
import type { CompiledMail, LogicRenderer, ReaderLogic } from '../rendering/index.ts';
import { AppError } from '../shared/app-error.ts';

/** What logic may look at. */
export type ReaderFacts = Parameters<typeof renderLogic>[2][number];
type WorkedOut = Extract<ReaderLogic, { ok: true }>;

interface Batch {
  readonly readers: ReaderFacts[];
  readonly results: Promise<readonly ReaderLogic[]>;
}

/**
 * Works out the logic of one mail for one reader. Whoever asks while an answer is on its way from the sandbox goes there in one
 * batch with the others: a journey of its own takes 300 µs, one with nineteen others 45 µs (measured).
 */
export function createLogicBatcher(
  renderer: LogicRenderer,
): (mail: CompiledMail, reader: ReaderFacts) => Promise<WorkedOut> {
  const waiting = new Map<CompiledMail, Batch>();
  let underWay: Promise<unknown> = Promise.resolve();

  function newBatch(mail: CompiledMail): Batch {
    const readers: ReaderFacts[] = [];
    const results = underWay.then(() => {
      waiting.delete(mail);
      return renderLogic(renderer, mail, readers);
    });
    underWay = results.catch(() => undefined);
    const batch = { readers, results };
    waiting.set(mail, batch);
    return batch;
  }

  return async (mail, reader) => {
    const batch = waiting.get(mail) ?? newBatch(mail);
    const index = batch.readers.push(reader) - 1;
    const result = (await batch.results)[index];
    if (result?.ok !== true) {
      throw new AppError('render', 'logic_failed', `the logic of the mail fails for this reader: ${result?.message}`);
    }
    return result;
  };
}
