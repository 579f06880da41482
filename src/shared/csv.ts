/**
 * A spreadsheet takes a cell that begins so for a formula (S12). An apostrophe before it makes it text; the import takes it
 * away again.
 */
const FORMULA = /^'*[=+\-@\t\r]/;

/** One line of CSV (RFC 4180) with its CRLF. Cells that a spreadsheet would run are made text. */
export function writeCsvRow(cells: readonly string[]): string {
  return `${cells.map((cell) => quote(FORMULA.test(cell) ? `'${cell}` : cell)).join(',')}\r\n`;
}

/** A cell as it was before `writeCsvRow` made it text. */
export function readCsvCell(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell;
}

function quote(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
