import type { Config, RelayAddress } from '../config/index.ts';
import { openSmtpSession } from '../platform/smtp/index.ts';
import type { SmtpSession } from '../platform/smtp/index.ts';
import { asError } from '../shared/app-error.ts';
import { failed, ok, warning } from './check.ts';
import type { Check } from './check.ts';

const NAME = 'relay';
const PATIENCE_MS = 10_000;

export interface RelayDeps {
  readonly config: Pick<Config, 'smtpUrl'>;
  readonly findRelays: () => Promise<readonly RelayAddress[]>;
}

/** Each relay of the settings is asked to let us in; nothing is sent. */
export async function checkRelays({ config, findRelays }: RelayDeps): Promise<readonly Check[]> {
  if (config.smtpUrl !== undefined) {
    return Promise.all((await findRelays()).map(checkRelay));
  }
  try {
    const [inbox] = await findRelays();
    await knock(inbox);
    return [warning(NAME, 'SMTP_URL is unset: mails go to the local inbox and nowhere else')];
  } catch {
    return [warning(NAME, 'SMTP_URL is unset, and the local inbox is there only while Courant runs')];
  }
}

async function checkRelay(relay: RelayAddress): Promise<Check> {
  try {
    await knock(relay);
    return ok(NAME, `${relay.key} answers and lets us in`);
  } catch (error) {
    return failed(NAME, `SMTP_URL: ${relay.key}: ${asError(error).message}`);
  }
}

async function knock(relay: RelayAddress | undefined): Promise<void> {
  if (relay === undefined) {
    throw new Error('there is none');
  }
  await withSession(relay, () => Promise.resolve());
}

/** @throws the connection or authentication error, or that there was no answer in ten seconds. Nothing stays open. */
export async function withSession<Result>(
  relay: RelayAddress,
  use: (session: SmtpSession) => Promise<Result>,
): Promise<Result> {
  const cut = new AbortController();
  let session: SmtpSession | undefined;
  const timer = setTimeout(() => {
    cut.abort();
    session?.destroy();
  }, PATIENCE_MS);
  try {
    session = await openSmtpSession(relay, { cut: cut.signal });
    const result = await use(session);
    session.close();
    return result;
  } catch (error) {
    session?.destroy();
    throw cut.signal.aborted ? new Error(`no answer in ${PATIENCE_MS / 1000} s`, { cause: error }) : error;
  } finally {
    clearTimeout(timer);
  }
}
