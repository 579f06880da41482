export interface Reference {
  readonly from: string;
  readonly to: string;
}

/**
 * An order in which each table comes after those it refers to, so that loading needs no right to switch foreign keys off.
 * A table that refers to itself is no obstacle: they are checked at the end of its own statement.
 * @throws Error when tables refer to each other in a circle; a test sees to it that no migration makes one.
 */
export function orderTables<Table extends { readonly name: string }>(
  tables: readonly Table[],
  references: readonly Reference[],
): readonly Table[] {
  const waiting = new Map(tables.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map((table) => [table.name, table]));
  const ordered: Table[] = [];
  while (waiting.size > 0) {
    const ready = [...waiting.values()].filter(
      ({ name }) => !references.some(({ from, to }) => from === name && to !== name && waiting.has(to)),
    );
    if (ready.length === 0) {
      throw new Error(`tables refer to each other in a circle: ${[...waiting.keys()].join(', ')}`);
    }
    for (const table of ready) {
      waiting.delete(table.name);
      ordered.push(table);
    }
  }
  return ordered;
}
