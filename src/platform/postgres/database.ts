import type { Kysely, Transaction } from 'kysely';
import type { ConsentTables } from './tables/consent.ts';
import type { OperationTables } from './tables/operation.ts';
import type { PeopleTables } from './tables/people.ts';
import type { PublishingTables } from './tables/publishing.ts';
import type { SendingTables } from './tables/sending.ts';

/** The tables as the migrations make them. Closed sets are partly widened to string; repositories narrow them. */
export interface Database extends PeopleTables, ConsentTables, PublishingTables, SendingTables, OperationTables {}

export type Db = Kysely<Database>;
export type Tx = Transaction<Database>;
/** A pool or an open transaction: for repository functions that may run in either. */
export type DbOrTx = Db | Tx;
