const LF = 0x0a;
const CR = 0x0d;
const DOT = 0x2e;
const ONE_DOT = Buffer.from('.');

/** Doubles dots at the beginning of lines (RFC 5321 4.5.2) and knows how the message must be ended. One per message. */
export interface DotStuffer {
  /** The parts to write. Nothing is copied: a line with a dot is cut there and the dot put between. */
  stuff(parts: readonly Buffer[]): readonly Buffer[];
  /** The final dot, behind a line end if the message has none of its own. */
  end(): string;
}

export function createDotStuffer(): DotStuffer {
  // As if a line had ended before the first one: the line end of the DATA command serves as such.
  let beforeLast = CR;
  let last = LF;

  return {
    stuff(parts) {
      let stuffed: Buffer[] | undefined;
      for (const [index, part] of parts.entries()) {
        if (needsStuffing(part, last)) {
          stuffed ??= parts.slice(0, index);
          pushStuffed(stuffed, part, last);
        } else {
          stuffed?.push(part);
        }
        if (part.length > 0) {
          beforeLast = part.at(-2) ?? last;
          last = part.at(-1) ?? last;
        }
      }
      return stuffed ?? parts;
    },
    end: () => (beforeLast === CR && last === LF ? '.\r\n' : '\r\n.\r\n'),
  };
}

/** Also after a bare LF: for a server that takes one for a line end, the rest would be commands (SMTP smuggling). */
function needsStuffing(part: Buffer, before: number): boolean {
  return (before === LF && part[0] === DOT) || part.includes('\n.', 0, 'latin1');
}

function pushStuffed(stuffed: Buffer[], part: Buffer, before: number): void {
  let from = 0;
  if (before === LF && part[0] === DOT) {
    stuffed.push(ONE_DOT);
  }
  for (let lf = part.indexOf('\n.', 0, 'latin1'); lf !== -1; lf = part.indexOf('\n.', from, 'latin1')) {
    stuffed.push(part.subarray(from, lf + 1), ONE_DOT);
    from = lf + 1;
  }
  stuffed.push(part.subarray(from));
}
