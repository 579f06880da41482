import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { decodeFrames, encodeFrame } from '../../../src/backup/frames.ts';

function* cut(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) {
    yield bytes.subarray(at, at + size);
  }
}

async function decode(bytes: Buffer, size: number): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { type, payload } of decodeFrames(Readable.from(cut(bytes, size)))) {
    found.push(`${type} ${payload.toString()}`);
  }
  return found;
}

describe('frames', () => {
  const whole = Buffer.concat([
    ...encodeFrame('header', '{"a":1}'),
    ...encodeFrame('table', 'subscribers'),
    ...encodeFrame('rows', Buffer.from('1\tä\n2\tb\n')),
    ...encodeFrame('end', ''),
  ]);

  it.each([1, 2, 5, 7, 1000])('come out as they went in, in pieces of %i bytes', async (size) => {
    expect(await decode(whole, size)).toEqual(['header {"a":1}', 'table subscribers', 'rows 1\tä\n2\tb\n', 'end ']);
  });

  it.each([1, 4, 6])('that lack their last %i bytes are refused', async (missing) => {
    await expect(decode(whole.subarray(0, whole.length - missing), 3)).rejects.toMatchObject({
      code: 'backup_damaged',
    });
  });

  it('of a type that nobody knows are refused', async () => {
    const odd = Buffer.from(whole);
    odd.writeUInt8(0x21, 0);
    await expect(decode(odd, 1000)).rejects.toMatchObject({ code: 'backup_damaged' });
  });
});
