import type { MailProblem } from '../problems.ts';
import type { LogicPart, LogicSource, Segment } from '../segments.ts';

/** With the place where the author wrote it, for what is found when it is tried. */
export interface AuthorSource extends LogicSource {
  readonly where: MailProblem['where'];
  readonly line: number;
}

/** The logic of a mail while it is compiled. */
export interface LogicCollector {
  readonly sources: readonly AuthorSource[];
  readonly parts: readonly LogicPart[];
  /** The same Liquid is evaluated once, wherever it stands. */
  addSource(source: AuthorSource): number;
  addPart(part: LogicPart): number;
  /** A new block, whose source is known when it ends. */
  openBlock(): number;
  closeBlock(block: number, source: AuthorSource): void;
  addBranch(block: number, arms: readonly (readonly Segment[])[]): number;
}

export function createLogicCollector(): LogicCollector {
  const sources: AuthorSource[] = [];
  const parts: LogicPart[] = [];
  const sourceOfBlock: (number | undefined)[] = [];

  const addSource = (source: AuthorSource): number => {
    const known = sources.findIndex(({ liquid }) => liquid === source.liquid);
    return known === -1 ? sources.push(source) - 1 : known;
  };
  const addPart = (part: LogicPart): number => parts.push(part) - 1;
  return {
    sources,
    parts,
    addSource,
    addPart,
    openBlock: () => sourceOfBlock.push(undefined) - 1,
    closeBlock: (block, source) => {
      sourceOfBlock[block] = addSource(source);
    },
    addBranch: (block, arms) => addPart({ kind: 'branch', source: sourceOfBlock[block] ?? 0, arms }),
  };
}
