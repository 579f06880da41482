import { z } from 'zod';

/** Changes when an older Courant could no longer read the file. */
export const BACKUP_FORMAT = 1;

const tableSchema = z.object({
  name: z.string().regex(/^[a-z_\d]+$/),
  columns: z.array(z.string()),
  rows: z.number().int().nonnegative(),
});

const headerSchema = z.object({
  format: z.literal(BACKUP_FORMAT),
  /** The Courant that wrote it. */
  version: z.string(),
  createdAt: z.iso.datetime(),
  /** Every migration the schema had, so that it can be made again exactly. */
  migrations: z.array(z.object({ version: z.number().int().positive(), checksum: z.string() })).min(1),
  /** In an order in which each row finds what it refers to. */
  tables: z.array(tableSchema),
  /** Null: never used. */
  sequences: z.array(z.object({ name: z.string().regex(/^[a-z_\d]+$/), lastValue: z.number().int().nullable() })),
  /** The newest seal of the consent records, in hex; null while there is none. */
  consentHead: z.string().nullable(),
  /** What tells whether a SECRET_KEY is one of this database (safe to read), by key id. */
  keyChecks: z.record(z.string(), z.string()),
  /** SECRET_KEY itself, the signing key first; null in a backup without keys. */
  keys: z.array(z.string()).min(1).nullable(),
});

export type BackupHeader = z.infer<typeof headerSchema>;
export type BackupTable = z.infer<typeof tableSchema>;

/** Undefined when it is not one of this format. */
export function parseHeader(json: string): BackupHeader | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  const parsed = headerSchema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}
