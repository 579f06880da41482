import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';

/** One mail that the sink took for one recipient. */
export interface SinkEntry {
  readonly messageId: string;
  readonly recipient: string;
  /** Of the message as it was before dot-stuffing. */
  readonly sha256: string;
  /** RFC 3339, UTC. */
  readonly at: string;
}

export interface SinkLog {
  /** Resolves when the entries are on the disk: whoever says 250 after that has a witness that survives everything. */
  add(entries: readonly SinkEntry[]): Promise<void>;
  close(): Promise<void>;
}

/** Appends JSON lines. Connections that wait share a flush. */
export async function openSinkLog(path: string): Promise<SinkLog> {
  const file = await open(path, 'a');
  let pending: { readonly lines: string; readonly resolve: () => void; readonly reject: (error: unknown) => void }[] =
    [];
  let flushing: Promise<void> | undefined;

  async function flush(): Promise<void> {
    while (pending.length > 0) {
      const batch = pending;
      pending = [];
      try {
        await file.appendFile(batch.map(({ lines }) => lines).join(''));
        await file.datasync();
        batch.forEach(({ resolve }) => resolve());
      } catch (error) {
        batch.forEach(({ reject }) => reject(error));
      }
    }
    flushing = undefined;
  }

  return {
    add: (entries) =>
      new Promise<void>((resolve, reject) => {
        pending.push({ lines: entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''), resolve, reject });
        flushing ??= flush();
      }),
    close: async () => {
      await flushing;
      await file.close();
    },
  };
}

/** A last line that is not whole was never answered with 250, so it does not count. */
export async function readSinkLog<Entry extends SinkEntry = SinkEntry>(path: string): Promise<readonly Entry[]> {
  const text = await readFile(path, 'utf8');
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Entry]));
}

export function describeMessage(raw: Buffer, recipients: readonly string[], at: Date): readonly SinkEntry[] {
  const sha256 = createHash('sha256').update(raw).digest('hex');
  const head = raw.subarray(0, headEnd(raw)).toString('latin1');
  const messageId = /^message-id:\s*(\S+)/im.exec(head)?.[1] ?? '';
  return recipients.map((recipient) => ({ messageId, recipient, sha256, at: at.toISOString() }));
}

function headEnd(raw: Buffer): number {
  const end = raw.indexOf('\r\n\r\n');
  return end === -1 ? raw.length : end;
}
