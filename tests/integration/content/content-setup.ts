import { createFeedReader } from '../../../src/content/index.ts';
import { createNewsletter } from '../../../src/newsletters/index.ts';
import type { Newsletter } from '../../../src/newsletters/index.ts';
import type { Doorbell, JobName } from '../../../src/jobs/index.ts';
import { createFetcher } from '../../../src/platform/http-fetch/index.ts';
import { createLogger } from '../../../src/platform/logging/index.ts';
import { openDatabase } from '../../../src/platform/postgres/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import { createTestDatabase } from '../../support/databases.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

export const SATURDAY = '2026-11-21T12:00:00Z';

/** A database of its own, a clock to move, a fetcher that may reach loopback, and a doorbell that notes its rings. */
export async function openContent() {
  const log = createLogger('silent', 'test');
  const database = await createTestDatabase();
  const { db, close } = openDatabase(database.url, { log, name: 'test', maxConnections: 8 });
  const clock = createFakeClock(SATURDAY);
  const rings: { readonly name: JobName; readonly payload: unknown }[] = [];
  const doorbell: Doorbell = { ring: (name, payload) => rings.push({ name, payload }) };
  const fetcher = createFetcher({ allow: ['127.0.0.0/8'], contactUrl: 'https://news.example' });
  const feedReader = createFeedReader();
  let count = 0;
  return {
    db,
    clock,
    log,
    doorbell,
    fetcher,
    feedReader,
    rings,
    /** A newsletter of its own for one test: Mondays at 08:00 in Berlin. */
    newNewsletter: (): Promise<Newsletter> => {
      count += 1;
      return createNewsletter(
        { db, clock },
        { name: `Paper ${count}`, cron: '0 8 * * 1', timeZone: 'Europe/Berlin' },
        CLI_ACTOR,
      );
    },
    close: async () => {
      await feedReader.close();
      await close();
      await database.drop();
    },
  };
}

export type ContentSetup = Awaited<ReturnType<typeof openContent>>;
