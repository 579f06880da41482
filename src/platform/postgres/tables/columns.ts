import type { ColumnType, JSONColumnType } from 'kysely';

/** An identity that PostgreSQL makes and nobody changes. */
export type Id<T> = ColumnType<T, T | undefined, never>;
export type Json = JSONColumnType<Record<string, unknown>>;
