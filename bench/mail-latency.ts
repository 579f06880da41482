import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { withClient } from './bench-database.ts';
import { signupBody } from './signup-request.ts';

/** Fine enough for a figure of some ten milliseconds, and hardly any load. */
const POLL_MS = 2;
const MAIL_WITHIN_MS = 30_000;
/** Longer than the queue's bell rests between two rings, and never in step with anything. */
const LONGEST_PAUSE_MS = 200;

/** Milliseconds from the press of the button until the local inbox has the confirmation, one sign-up after the other. */
export async function measureMailLatency(
  databaseUrl: string,
  port: number,
  submits: number,
): Promise<readonly number[]> {
  return withClient(databaseUrl, async (client) => {
    const latencies: number[] = [];
    for (let index = 0; index < submits; index += 1) {
      const email = `one-${index}@readers.example`;
      const startedAt = performance.now();
      await submit(port, email);
      await waitForMail(client, email, startedAt + MAIL_WITHIN_MS);
      latencies.push(performance.now() - startedAt);
      await delay(Math.random() * LONGEST_PAUSE_MS);
    }
    return latencies;
  });
}

async function submit(port: number, email: string): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/subscriptions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: signupBody(email),
  });
  if (answer.status !== 202) {
    throw new Error(`a sign-up was answered ${answer.status}: ${await answer.text()}`);
  }
  await answer.arrayBuffer();
}

async function waitForMail(client: pg.Client, email: string, deadline: number): Promise<void> {
  while (performance.now() < deadline) {
    const { rowCount } = await client.query('select from inbox_mails where $1 = any(envelope_to)', [email]);
    if (rowCount !== null && rowCount > 0) {
      return;
    }
    await delay(POLL_MS);
  }
  throw new Error(`no mail in the inbox ${MAIL_WITHIN_MS} ms after a sign-up`);
}
