export { IMPORT_FIELDS } from './import-columns.ts';
export type { ImportReport } from './import.ts';
export { importSubscribers } from './import-subscribers.ts';
export { readCsv } from './read-csv.ts';
