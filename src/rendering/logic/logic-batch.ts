/** What crosses to the sandbox and back: plain data, and nothing that a template could not be shown. */
export interface LogicBatch {
  readonly sources: readonly string[];
  /** By field, the same for all readers. */
  readonly newsletter: Readonly<Record<string, string>>;
  readonly readers: readonly LogicReader[];
}

export interface LogicReader {
  /** Left out if blank: an empty text is true in Liquid. */
  readonly name?: string;
  readonly locale: string;
}

export interface LogicFailure {
  /** `template`: this source cannot be evaluated for this reader. `limit`: the batch broke a limit of time or memory. */
  readonly reason: 'template' | 'limit';
  /** Index of the source that failed; null when none can be named. */
  readonly source: number | null;
  readonly message: string;
}

/** One text for each source, or why there is none. */
export type LogicAnswer = readonly string[] | LogicFailure;

export function isLogicFailure(answer: LogicAnswer): answer is LogicFailure {
  return 'reason' in answer;
}
