/* RFC 6376 3.4, relaxed. Bytes are handled as latin1 strings, one character each, so that no encoding is lost on the way. */

/** A header field as it stands in the message: folded, without the CRLF that ends it. */
export interface HeaderField {
  /** Lower case. */
  readonly name: string;
  readonly raw: string;
}

/** The fields of a header block, with or without the empty line that ends it. */
export function splitHeader(header: Buffer): readonly HeaderField[] {
  return header
    .toString('latin1')
    .split(/\r\n(?![ \t])/)
    .filter((raw) => raw !== '')
    .map((raw) => ({
      name: raw
        .slice(0, Math.max(0, raw.indexOf(':')))
        .trimEnd()
        .toLowerCase(),
      raw,
    }));
}

/** Relaxed: lower-case name, unfolded, one space for any run of white space, none around the colon or at the end. No CRLF. */
export function canonicaliseField({ name, raw }: HeaderField): string {
  const value = raw
    .slice(raw.indexOf(':') + 1)
    .replaceAll('\r\n', '')
    .replaceAll(/[ \t]+/g, ' ');
  return `${name}:${trimSpaces(value)}`;
}

function trimSpaces(value: string): string {
  const from = value.startsWith(' ') ? 1 : 0;
  return value.endsWith(' ') ? value.slice(from, -1) : value.slice(from);
}

/** Relaxed: one space for any run of white space, none at the end of a line, no empty lines at the end, CRLF at the very end. */
export function canonicaliseBody(body: Buffer): Buffer {
  const text = body.toString('latin1');
  const lines = (text === '' || text.endsWith('\r\n') ? text : `${text}\r\n`)
    // Two steps, each linear: a pattern for white space before a line's end alone would be quadratic in hostile bodies.
    .replaceAll(/[ \t]+/g, ' ')
    .replaceAll(' \r\n', '\r\n');
  let end = lines.length;
  while (end >= 2 && lines.startsWith('\r\n', end - 2) && (end === 2 || lines.startsWith('\r\n', end - 4))) {
    end -= 2;
  }
  return Buffer.from(lines.slice(0, end), 'latin1');
}
