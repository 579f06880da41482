import type { ConsentTexts } from '../consent/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Actor } from '../shared/actor.ts';
import type { Clock } from '../shared/clock.ts';
import type { Keyring } from '../shared/keyring.ts';
import type { Random } from '../shared/random.ts';
import type { ImportDefaults, RejectReason } from './check-row.ts';
import type { ImportField } from './import-columns.ts';
import type { CsvFile } from './read-csv.ts';

export interface ImportDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly keyring: Keyring;
  readonly consentTexts: ConsentTexts;
}

export interface ImportRequest {
  readonly file: CsvFile;
  readonly fileName: string;
  readonly actor: Actor;
  /** Field to column name, where the names do not say it. */
  readonly mapping: Partial<Readonly<Record<ImportField, string>>>;
  readonly defaults: ImportDefaults;
  /** Does everything and takes it back, batch by batch: what it reports is what would happen. */
  readonly isDryRun: boolean;
  /** In the order of the file within a batch. `line` is the row as a spreadsheet counts. */
  readonly onReject: (reject: RejectedRow) => void;
  readonly onHeader: (header: readonly string[]) => void;
  readonly onProgress: (rows: number) => void;
}

export interface RejectedRow {
  readonly line: number;
  readonly reason: RejectReason;
  readonly message: string;
  readonly cells: readonly string[];
}

/** By newsletter and row: what was written, what was so already, and what was refused. */
export interface ImportReport {
  readonly rows: number;
  /** Active now, with their proof. */
  readonly granted: number;
  /** Stored, never mailed: there is no basis or no evidence. */
  readonly unproven: number;
  /** Subscribed already, or imported before. */
  readonly unchanged: number;
  readonly rejected: number;
  /** Addresses the other system had shut, shut here as well. */
  readonly suppressed: number;
}
