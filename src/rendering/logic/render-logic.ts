import { createBoundedCache } from '../bounded-cache.ts';
import type { BoundedCache } from '../bounded-cache.ts';
import { removeControls } from '../clean-text.ts';
import type { ReaderFacts } from '../merge-fields.ts';
import { escapeFor } from '../render-for-reader.ts';
import type { CompiledMail, Logic } from '../segments.ts';
import { unavailable } from '../../shared/app-error.ts';
import { chooseArms } from './choose-arms.ts';
import { isLogicFailure } from './logic-batch.ts';
import type { LogicAnswer, LogicReader } from './logic-batch.ts';
import { createLogicSandbox } from './logic-sandbox.ts';
import type { LogicSandbox } from './logic-sandbox.ts';

/** Its deadline is for a batch. */
const BATCH_READERS = 500;
/** Ways through one mail that are kept: two conditions make four. */
const CACHED_WAYS = 32;

/** Works out the logic of mails. One for a process; its thread starts when a mail with logic comes. */
export interface LogicRenderer {
  readonly sandbox: LogicSandbox;
  /** The ways through each mail, by the arms that were chosen. */
  readonly ways: WeakMap<CompiledMail, BoundedCache<CompiledMail>>;
}

/**
 * `mail` has no branches any more and is the same object for all readers with the same arms, so what is made from it may be kept
 * (WeakMap). `logic` is what its values came to, escaped for their places: the third argument of `renderForReader`, or
 * `MessageReader.logic`. Not ok: the template fails for this reader, and would again.
 */
export type ReaderLogic =
  | { readonly ok: true; readonly mail: CompiledMail; readonly logic: readonly string[] }
  | { readonly ok: false; readonly source: number | null; readonly message: string };

const NOTHING: readonly string[] = [];

export function createLogicRenderer(sandbox: LogicSandbox = createLogicSandbox()): LogicRenderer {
  return { sandbox, ways: new WeakMap() };
}

/**
 * What a mail's logic comes to for each of these readers, in their order. Costs nothing for a mail without.
 * @throws AppError `logic_interrupted`, retryable: the sandbox ran out of time or memory twice.
 */
export async function renderLogic(
  renderer: LogicRenderer,
  mail: CompiledMail,
  readers: readonly ReaderFacts[],
): Promise<readonly ReaderLogic[]> {
  const { logic } = mail;
  if (logic === undefined) {
    return readers.map(() => ({ ok: true, mail, logic: NOTHING }));
  }
  const results: ReaderLogic[] = [];
  for (let first = 0; first < readers.length; first += BATCH_READERS) {
    const batch = readers.slice(first, first + BATCH_READERS).map((reader) => describeReader(reader, logic.locale));
    const answers = await evaluate(renderer.sandbox, logic, batch);
    results.push(...answers.map((answer) => toReaderLogic(renderer, mail, logic, answer)));
  }
  return results;
}

/** Compiling has shown that this logic is light: one that is cut off shared a machine that had no time. */
async function evaluate(
  sandbox: LogicSandbox,
  logic: Logic,
  readers: readonly LogicReader[],
): Promise<readonly LogicAnswer[]> {
  const sources = logic.sources.map((source) => source.liquid);
  let cut = '';
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const answers = await sandbox.render({ sources, newsletter: logic.newsletter, readers });
    const stopped = answers.find((answer) => isLogicFailure(answer) && answer.reason === 'limit');
    if (stopped === undefined || !isLogicFailure(stopped)) {
      return answers;
    }
    cut = stopped.message;
  }
  throw unavailable('logic_interrupted', `The logic of the mail was cut off: ${cut}. It is tried again.`);
}

function toReaderLogic(renderer: LogicRenderer, mail: CompiledMail, logic: Logic, answer: LogicAnswer): ReaderLogic {
  if (isLogicFailure(answer)) {
    return { ok: false, source: answer.source, message: answer.message };
  }
  const values = logic.parts.map((part) =>
    part.kind === 'value' ? escapeFor(part.context, removeControls(answer[part.source] ?? '')) : '',
  );
  return { ok: true, mail: findWay(renderer, mail, logic, answer), logic: values };
}

function findWay(renderer: LogicRenderer, mail: CompiledMail, logic: Logic, answer: readonly string[]): CompiledMail {
  const ways = renderer.ways.get(mail) ?? createBoundedCache<CompiledMail>(CACHED_WAYS);
  renderer.ways.set(mail, ways);
  const key = logic.parts.map((part) => (part.kind === 'branch' ? answer[part.source] : '')).join('|');
  const known = ways.get(key);
  if (known !== undefined) {
    return known;
  }
  const way = chooseArms(mail, logic, answer);
  ways.set(key, way);
  return way;
}

/** A blank name is none. Of a language tag authors want the language: `nl`, whatever the country. */
function describeReader(reader: ReaderFacts, fallbackLocale: string): LogicReader {
  const name = removeControls(reader.name ?? '').trim();
  const locale = (reader.locale ?? fallbackLocale).split('-', 1)[0]?.toLowerCase() ?? '';
  return name === '' ? { locale } : { name, locale };
}
