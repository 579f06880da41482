import type { Kysely, Transaction } from 'kysely';
import type { ConsentTables } from './tables/consent.ts';
import type { ImportTables } from './tables/imports.ts';
import type { LegalTables } from './tables/legal.ts';
import type { LimitTables } from './tables/limits.ts';
import type { OperationTables } from './tables/operation.ts';
import type { PeopleTables } from './tables/people.ts';
import type { PreferenceTables } from './tables/preferences.ts';
import type { PublishingTables } from './tables/publishing.ts';
import type { RetentionTables } from './tables/retention.ts';
import type { SendingTables } from './tables/sending.ts';

/** The tables as the migrations make them. Closed sets are partly widened to string; repositories narrow them. */
export interface Database
  extends
    PeopleTables,
    ImportTables,
    PreferenceTables,
    ConsentTables,
    PublishingTables,
    SendingTables,
    LimitTables,
    OperationTables,
    RetentionTables,
    LegalTables {}

export type Db = Kysely<Database>;
export type Tx = Transaction<Database>;
/** A pool or an open transaction: for repository functions that may run in either. */
export type DbOrTx = Db | Tx;
