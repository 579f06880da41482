import type { ColumnType, Generated } from 'kysely';

export interface ImportTables {
  imports: {
    id: Generated<number>;
    file_name: string;
    file_hash: Buffer | null;
    actor: string;
    started_at: Date;
    finished_at: Date | null;
    counts: ColumnType<Record<string, number>, string | undefined, string>;
  };
}
