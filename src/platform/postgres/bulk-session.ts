import { finished, pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { GuardedClient } from './guarded-client.ts';

/**
 * One connection for moving whole tables: no limit on how long a statement takes, and COPY as streams, so that memory stays
 * flat whatever the size. A transaction lives as long as its session.
 */
export interface BulkSession {
  query<Row extends object = never>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** The rows of `copy ... to stdout`, a chunk at a time. */
  copyOut(statement: string): AsyncGenerator<Buffer>;
  /** Feeds `copy ... from stdin`. @returns how many rows it took. */
  copyIn(statement: string, rows: AsyncIterable<Buffer>): Promise<number>;
  /** Whatever was not committed is undone. */
  close(): Promise<void>;
}

const CONNECT_WITHIN_MS = 5000;
/** Whatever a server or a role has by default: no limits, and values as text that every other server reads the same way. */
const SETTINGS = `set statement_timeout = 0; set lock_timeout = 0; set idle_in_transaction_session_timeout = 0;
  set datestyle = iso; set intervalstyle = postgres; set bytea_output = hex; set extra_float_digits = 1`;

export async function openBulkSession(databaseUrl: string, name: string): Promise<BulkSession> {
  const client = new GuardedClient({
    connectionString: databaseUrl,
    application_name: `courant-${name}`,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    keepAlive: true,
  });
  await client.connect();
  await client.query(SETTINGS);
  return {
    query: async <Row extends object>(text: string, values?: readonly unknown[]) =>
      (await client.query<Row>(text, values === undefined ? undefined : [...values])).rows,
    copyOut: async function* copyOut(statement) {
      const stream: Readable = client.query(copyTo(statement));
      yield* stream as AsyncIterable<Buffer>;
    },
    copyIn: async (statement, rows) => {
      const stream = client.query(copyFrom(statement));
      await pipeline(rows, stream);
      await finished(stream, { readable: false });
      return stream.rowCount;
    },
    close: () => client.end(),
  };
}
