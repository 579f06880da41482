import pg from 'pg';

/** A statement that begins with this is prepared once on each connection, under that name. Its text must always be the same. */
const PREPARED = /^\s*\/\* prepared: (?<name>[\w-]+) \*\//;

/**
 * A connection whose loss is never an unhandled 'error' event. node-postgres emits one whenever the server goes away while
 * no statement runs, and listens to it itself only while the connection lies idle in a pool: between two statements of a
 * transaction, or right after connecting, it would end the process. Whoever uses the connection next still gets the error.
 *
 * Also prepares the statements that ask for it: Kysely passes texts without names, and planning a long one costs as much as running it.
 */
export class GuardedClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }

  override query: pg.Client['query'] = ((statement: unknown, ...rest: unknown[]): unknown => {
    const [values, ...callbacks] = rest;
    const name = typeof statement === 'string' ? PREPARED.exec(statement)?.groups?.['name'] : undefined;
    const given =
      name !== undefined && Array.isArray(values)
        ? [{ name, text: statement, values }, ...callbacks]
        : [statement, ...rest];
    return Reflect.apply(super.query, this, given);
  }) as pg.Client['query'];
}
