import { createInterface } from 'node:readline/promises';

/** Where a command is run: by a person at a terminal, or by a script. */
export interface Terminal {
  /** A line of the result, on stdout. */
  out(line: string): void;
  /** A line for whoever watches, on stderr. */
  note(line: string): void;
  /** True when a person can answer a question. */
  readonly canAsk: boolean;
  /** True when what was noted can be drawn over. */
  readonly canRedraw: boolean;
  readonly columns: number;
  /** Replaces the line that was drawn before; the next `note` goes below it. */
  redraw(line: string): void;
  ask(question: string): Promise<string>;
}

export function systemTerminal(): Terminal {
  const { stdin, stdout, stderr } = process;
  let isDrawn = false;

  function finishDrawing(): void {
    if (isDrawn) {
      stderr.write('\n');
      isDrawn = false;
    }
  }

  return {
    out: (line) => {
      finishDrawing();
      stdout.write(`${line}\n`);
    },
    note: (line) => {
      finishDrawing();
      stderr.write(`${line}\n`);
    },
    canAsk: stdin.isTTY && stderr.isTTY,
    canRedraw: stderr.isTTY,
    columns: stderr.columns ?? 80,
    redraw: (line) => {
      stderr.write(`\r\u{1B}[2K${line}`);
      isDrawn = true;
    },
    ask: async (question) => {
      const reader = createInterface({ input: stdin, output: stderr });
      try {
        return await reader.question(question);
      } finally {
        reader.close();
      }
    },
  };
}
