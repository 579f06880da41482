import type { Generated } from 'kysely';
import type { Json } from './columns.ts';

export interface LimitTables {
  sending_limits: {
    scope: string;
    /** numeric, which comes as text. */
    per_second: string | number | null;
    per_hour: number | null;
    per_day: number | null;
    concurrency: number | null;
    updated_at: Date;
  };
  sending_use: { scope: string; version: Generated<number>; use: Json; updated_at: Date };
  sending_pauses: { scope: string; paused_until: Date; reason: string; step: number };
}
