import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Logger } from '../logging/index.ts';
import { unavailable } from '../../shared/app-error.ts';
import type { Database, Db } from './database.ts';
import { GuardedClient } from './guarded-client.ts';

const INT8_OID = 20;
const INT8_ARRAY_OID = 1016;

/** Identities and counts are far below 2^53 (see shared/ids.ts). */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => {
    const parse = pg.types.getTypeParser(oid, format) as (value: string) => unknown;
    const type: number = oid;
    switch (type) {
      case INT8_OID:
        return Number;
      case INT8_ARRAY_OID:
        return (value: string) => (parse(value) as string[]).map(Number);
      default:
        return parse;
    }
  },
};

export interface OpenDatabase {
  readonly db: Db;
  /** Waits for running statements, then closes every connection. */
  close(): Promise<void>;
}

/**
 * A pool that connects on demand, so that a process starts while PostgreSQL is away and heals by itself.
 * Statements end after 30 s; a transaction left idle ends after 60 s, which bounds how late a sequence gap can fill.
 */
export function openDatabase(
  databaseUrl: string,
  options: { readonly log: Logger; readonly name: string; readonly maxConnections: number },
): OpenDatabase {
  const pool = new pg.Pool({
    Client: GuardedClient,
    connectionString: databaseUrl,
    application_name: `courant-${options.name}`,
    max: options.maxConnections,
    connectionTimeoutMillis: 5000,
    idleTimeoutMillis: 30_000,
    statement_timeout: 30_000,
    idle_in_transaction_session_timeout: 60_000,
    keepAlive: true,
    // Our statements are small and frequent: compiling one takes longer than all its runs.
    options: '-c jit=off',
    types,
  });
  pool.on('error', (error) => {
    options.log.warn({ code: (error as { code?: string }).code, err: error.message }, 'idle database connection lost');
  });
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  return { db, close: () => db.destroy() };
}

/**
 * Classes 08 (connection), 53 (resources), 57 (operator intervention) and 58 (system) of PostgreSQL's error codes; 25006 is what
 * a standby says during a failover, 25P03 ends a transaction that idled.
 */
const UNAVAILABLE_SQLSTATE = /^(?:08|53|57|58|25006|25P03)/;
const UNAVAILABLE_SOCKET = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EPIPE',
  'ENOTFOUND',
  'ENOENT',
  'EAI_AGAIN',
]);

/** True when the database could not be asked, as opposed to having said no. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) {
    return false;
  }
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string') {
    return UNAVAILABLE_SQLSTATE.test(code) || UNAVAILABLE_SOCKET.has(code);
  }
  return /connection terminated|timeout exceeded when trying to connect|connection error|is not queryable/i.test(
    error.message,
  );
}

/** True for text with U+0000 or half a character in it, which comes from strangers' requests. */
export function isUnstorableText(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return code === '22021' || code === '22P05';
}

/** PostgreSQL: lock_not_available. */
const LOCK_TIMEOUT = '55P03';

/** True for class 40 (a deadlock, a serialization failure) and for a lock timeout. Nothing was done, and the same once more works. */
export function isRolledBack(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && (code.startsWith('40') || code === LOCK_TIMEOUT);
}

/** @throws AppError `database_unavailable` when PostgreSQL does not answer. */
export async function pingDatabase(db: Db): Promise<void> {
  try {
    await db.selectNoFrom((eb) => eb.lit(1).as('one')).execute();
  } catch (error) {
    throw unavailable('database_unavailable', 'PostgreSQL does not answer', error);
  }
}

/** The SQLSTATE of a row that others refer to, or that is referred to and not there. */
export function isForeignKeyViolation(error: unknown): boolean {
  return ((error ?? {}) as { code?: unknown }).code === '23503';
}

/** The SQLSTATE of a column that may not be null. */
export function isNotNullViolation(error: unknown, column: string): boolean {
  const { code, column: name } = (error ?? {}) as { code?: unknown; column?: unknown };
  return code === '23502' && name === column;
}

/** The SQLSTATE of a unique violation, optionally of one named constraint or index. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  const { code, constraint: name } = (error ?? {}) as { code?: unknown; constraint?: unknown };
  return code === '23505' && (constraint === undefined || name === constraint);
}
