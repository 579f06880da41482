import type { Terminal } from './terminal.ts';

/** What a command says: its result on stdout, as lines or with --json as JSON; all else on stderr. */
export interface Output {
  /** `lines` are for people; an id or a token stands there alone. `data` is the same for programs. */
  result(lines: string | readonly string[], data: unknown): void;
  note(line: string): void;
  readonly isJson: boolean;
}

export function createOutput(terminal: Terminal, isJson: boolean): Output {
  return {
    isJson,
    note: (line) => terminal.note(line),
    result: (lines, data) => {
      if (isJson) {
        terminal.out(JSON.stringify(data));
        return;
      }
      for (const line of typeof lines === 'string' ? [lines] : lines) {
        terminal.out(line);
      }
    },
  };
}

/** Columns as wide as their widest cell. */
export function alignColumns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    }
  }
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** An instant in a zone, for people: `2026-11-30 08:00`. */
export function formatInstant(instant: Date, timeZone = 'UTC'): string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  return format.format(instant);
}
