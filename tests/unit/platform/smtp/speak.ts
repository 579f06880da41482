import { expect } from 'vitest';
import { parseRelayUrls } from '../../../../src/config/index.ts';
import type { RelayAddress } from '../../../../src/config/index.ts';
import { openSmtpSession } from '../../../../src/platform/smtp/index.ts';
import type {
  FinishResult,
  ReadyResult,
  SessionOptions,
  SmtpEnvelope,
  SmtpSession,
  SmtpTransaction,
} from '../../../../src/platform/smtp/index.ts';

export const MESSAGE = 'Subject: x\r\n\r\nhello\r\n';

export function relayAt(url: string): RelayAddress {
  const [relay] = parseRelayUrls(url);
  return relay ?? expect.unreachable();
}

export function openAt(url: string, options?: SessionOptions): Promise<SmtpSession> {
  return openSmtpSession(relayAt(url), options);
}

export function envelopeTo(to: string, more: Partial<SmtpEnvelope> = {}): SmtpEnvelope {
  return { from: 'news@courant.example', to, size: MESSAGE.length, ...more };
}

/** One message as the engine sends it. */
export async function deliver(session: SmtpSession, to: string, text = MESSAGE): Promise<ReadyResult | FinishResult> {
  const transaction = session.begin(envelopeTo(to, { size: text.length }));
  const ready = await transaction.ready;
  return ready.kind === 'go' ? writeAndFinish(transaction, text) : ready;
}

export async function writeAndFinish(transaction: SmtpTransaction, text = MESSAGE): Promise<FinishResult> {
  await transaction.write([Buffer.from(text)]);
  return transaction.finish();
}

/** The verbs of the commands, so that tests read as conversations. */
export function verbsOf(lines: readonly string[] | undefined): readonly string[] {
  return (lines ?? []).map((line) => line.split(/[ :]/, 1)[0] ?? '');
}
