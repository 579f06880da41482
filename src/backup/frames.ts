import { inputError } from '../shared/app-error.ts';

/*
 * What is inside the compressed part of a backup file: frames of one byte that tells the type, four bytes of length (big
 * endian) and so many bytes. One `header`, then for each table one `table`, any number of `rows` and one `end`.
 */

export const FRAME_TYPES = { header: 0x48, table: 0x54, rows: 0x52, end: 0x45 } as const;
export type FrameType = keyof typeof FRAME_TYPES;

export interface Frame {
  readonly type: FrameType;
  readonly payload: Buffer;
}

const PREFIX_BYTES = 5;

export function encodeFrame(type: FrameType, payload: Buffer | string): readonly Buffer[] {
  const body = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt8(FRAME_TYPES[type], 0);
  prefix.writeUInt32BE(body.length, 1);
  return [prefix, body];
}

/** Cuts a stream into its frames; holds one of them at a time. */
export async function* decodeFrames(source: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of source) {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    let offset = 0;
    for (;;) {
      const end =
        offset + PREFIX_BYTES + (pending.length - offset < PREFIX_BYTES ? 0 : pending.readUInt32BE(offset + 1));
      if (pending.length - offset < PREFIX_BYTES || end > pending.length) {
        break;
      }
      yield { type: typeOf(pending.readUInt8(offset)), payload: pending.subarray(offset + PREFIX_BYTES, end) };
      offset = end;
    }
    pending = pending.subarray(offset);
  }
  if (pending.length > 0) {
    throw notABackup();
  }
}

/** Of a `rows` frame. A row is a line: what breaks lines within a value is escaped. */
export function countRowsIn(chunk: Buffer): number {
  let lines = 0;
  for (let at = chunk.indexOf(0x0a); at !== -1; at = chunk.indexOf(0x0a, at + 1)) {
    lines += 1;
  }
  return lines;
}

function typeOf(byte: number): FrameType {
  const found = Object.entries(FRAME_TYPES).find(([, code]) => code === byte);
  if (found === undefined) {
    throw notABackup();
  }
  return found[0] as FrameType;
}

export function notABackup(): Error {
  return inputError('backup_damaged', 'the file is not a whole backup of Courant; nothing was changed');
}
