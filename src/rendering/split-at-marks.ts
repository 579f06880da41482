import type { LogicCollector } from './logic/collect-logic.ts';
import type { Mark } from './mark.ts';
import type { Segment, Slot } from './segments.ts';

interface SplitOptions {
  readonly logic: LogicCollector;
  readonly kind: 'html' | 'text';
  readonly escape: (text: string) => string;
  /** How a reader's own words are escaped there. */
  readonly contextAt: (position: number) => Slot['context'];
}

interface OpenBlock {
  readonly block: number;
  readonly arms: Segment[][];
  arm: number;
}

/** Marks as segments; blocks, which check-nesting.ts has found whole, as branches with segments of their own. */
export function splitAtMarks(
  pieces: readonly { readonly piece: string | Mark; readonly at: number }[],
  options: SplitOptions,
): Segment[] {
  const { logic, kind, escape, contextAt } = options;
  const segments: Segment[] = [];
  const open: OpenBlock[] = [];
  const add = (segment: Segment): void => append(currentArm(open) ?? segments, segment);

  for (const { piece, at } of pieces) {
    if (typeof piece === 'string') {
      add(piece);
    } else if (piece.kind === 'literal') {
      add(escape(piece.text));
    } else if (piece.kind === 'slot') {
      const { field, fallback } = piece;
      add({ field, fallback, context: field === 'subscriber.name' ? contextAt(at) : kind });
    } else if (piece.kind === 'value') {
      const context = contextAt(at);
      add({ logic: logic.addPart({ kind: 'value', source: piece.source, context }), context });
    } else if (piece.arm === null) {
      const closed = open.pop();
      if (closed !== undefined) {
        add({ logic: logic.addBranch(closed.block, closed.arms), context: kind });
      }
    } else if (open.at(-1)?.block === piece.block) {
      startArm(open.at(-1), piece.arm);
    } else {
      open.push({ block: piece.block, arms: [], arm: -1 });
      startArm(open.at(-1), piece.arm);
    }
  }
  return segments;
}

function startArm(block: OpenBlock | undefined, arm: number): void {
  if (block !== undefined) {
    block.arm = arm;
    if (arm >= 0) {
      block.arms[arm] = [];
    }
  }
}

/** Undefined outside of blocks. What stands between `case` and its first `when` is blank and belongs to nobody. */
function currentArm(open: readonly OpenBlock[]): Segment[] | undefined {
  const block = open.at(-1);
  return block === undefined ? undefined : (block.arms[block.arm] ?? []);
}

function append(segments: Segment[], next: Segment): void {
  const last = segments.at(-1);
  if (typeof next === 'string' && typeof last === 'string') {
    segments[segments.length - 1] = last + next;
  } else if (next !== '') {
    segments.push(next);
  }
}
