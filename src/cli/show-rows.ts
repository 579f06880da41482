import { drawBar } from './draw-progress.ts';
import type { Terminal } from './terminal.ts';

const REDRAW_EVERY_MS = 200;
/** A line for each so many rows where none can be drawn over. */
const LINE_EACH = 1_000_000;

/** A bar on a terminal, a line now and then elsewhere. */
export function showRows(terminal: Terminal): (rows: number, total: number) => void {
  let drawnAtMs = 0;
  let nextLine = LINE_EACH;
  return (rows, total) => {
    const isDone = rows >= total;
    if (terminal.canRedraw && (isDone || performance.now() - drawnAtMs > REDRAW_EVERY_MS)) {
      drawnAtMs = performance.now();
      const share = total === 0 ? 1 : rows / total;
      terminal.redraw(`${drawBar(share, terminal.columns)} ${Math.floor(share * 100)} % ${rows}/${total} rows`);
    } else if (!terminal.canRedraw && rows >= nextLine) {
      nextLine = rows + LINE_EACH;
      terminal.note(`${rows}/${total} rows`);
    }
  };
}
