import pg from 'pg';

/**
 * A connection whose loss is never an unhandled 'error' event. node-postgres emits one whenever the server goes away while
 * no statement runs, and listens to it itself only while the connection lies idle in a pool: between two statements of a
 * transaction, or right after connecting, it would end the process. Whoever uses the connection next still gets the error.
 */
export class GuardedClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}
