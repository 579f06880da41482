import type { FakeClock } from '../../support/fake-clock.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startTestSystem } from '../../support/system.ts';
import type { TestSystem } from '../../support/system.ts';
import { setUpFirstAdmin } from '../accounts/admin-client.ts';
import type { AdminClient, Answer } from '../accounts/admin-client.ts';

/** Less than the time after which an idle session ends. */
export const SOON_MS = 600_000;

/** The whole web application with a clock to move and an admin who writes legal texts. */
export interface LegalDesk {
  readonly system: TestSystem;
  readonly clock: FakeClock;
  readonly admin: AdminClient;
  /** POST /legal-documents; terms in English unless said otherwise. */
  publish(text: Readonly<Record<string, unknown>>): Promise<Answer>;
  page(path: string): Promise<{ readonly status: number; readonly html: string; readonly location: string | null }>;
  /** In how many milliseconds from now, as the API takes it. */
  after(delayMs: number): string;
  close(): Promise<void>;
}

export async function openLegalDesk(): Promise<LegalDesk> {
  const clock = createFakeClock();
  const system = await startTestSystem({ worker: false, clock });
  const admin = await setUpFirstAdmin(system);
  return {
    system,
    clock,
    admin,
    publish: (text) => {
      const words = { kind: 'terms', locale: 'en', title: 'Terms', markdown: 'Be kind.' };
      return admin.send('POST', '/legal-documents', { ...words, ...text });
    },
    page: async (path) => {
      const response = await fetch(system.url + path, { redirect: 'manual', headers: { accept: 'text/html' } });
      return { status: response.status, html: await response.text(), location: response.headers.get('location') };
    },
    after: (delayMs) => new Date(clock.now().getTime() + delayMs).toISOString(),
    close: () => system.stop(),
  };
}
