import { inputError } from '../shared/app-error.ts';

/** What a column may hold. Only the address is required. */
export const IMPORT_FIELDS = [
  'email',
  'name',
  'newsletters',
  'status',
  'locale',
  'timezone',
  'basis',
  'evidence',
  'consented_at',
  'consent_text',
] as const;
export type ImportField = (typeof IMPORT_FIELDS)[number];

/** Field by field, the place of its column. */
export type ColumnMap = Partial<Readonly<Record<ImportField, number>>>;

/** Other names that exports of other systems give these columns (listmonk's names are ours already: email, name, status). */
const OTHER_NAMES: Readonly<Record<string, ImportField>> = {
  'e-mail': 'email',
  'email address': 'email',
  'e-mail address': 'email',
  mail: 'email',
  address: 'email',
  'full name': 'name',
  newsletter: 'newsletters',
  lists: 'newsletters',
  list: 'newsletters',
  language: 'locale',
  lang: 'locale',
  'time zone': 'timezone',
  time_zone: 'timezone',
  'legal basis': 'basis',
  proof: 'evidence',
  source: 'evidence',
  consent_time: 'consented_at',
  confirmed_at: 'consented_at',
  'confirmed at': 'consented_at',
  wording: 'consent_text',
};

/**
 * Finds the columns by their names, or as `mapping` says (field to column name). Case and space around names do not matter.
 * @throws AppError `column_missing` for a mapped column that is not there or no address column, `column_twice`.
 */
export function mapColumns(
  header: readonly string[],
  mapping: Partial<Readonly<Record<ImportField, string>>>,
): ColumnMap {
  const names = header.map((name) => name.trim().toLowerCase());
  const columns: Partial<Record<ImportField, number>> = {};
  for (const field of IMPORT_FIELDS) {
    const wanted = mapping[field]?.trim().toLowerCase();
    const isFound = (name: string): boolean =>
      wanted === undefined ? name === field || OTHER_NAMES[name] === field : name === wanted;
    const [first, ...others] = names.flatMap((name, index) => (isFound(name) ? [index] : []));
    if (others.length > 0) {
      throw inputError('column_twice', `Two columns could be "${field}". Say which one with --map ${field}=COLUMN.`);
    }
    if (first === undefined && wanted !== undefined) {
      throw inputError(
        'column_missing',
        `There is no column "${mapping[field] ?? ''}". The file has: ${header.join(', ')}.`,
      );
    }
    if (first !== undefined) {
      columns[field] = first;
    }
  }
  if (columns.email === undefined) {
    throw inputError(
      'column_missing',
      `No column holds the mail addresses. The file has: ${header.join(', ')}. Say which one with --map email=COLUMN.`,
    );
  }
  return columns;
}
