import type { Deps } from '../compose.ts';
import { asError } from '../shared/app-error.ts';
import type { CliContext } from './cli-context.ts';
import { toFailure } from './cli-error.ts';
import { openSession } from './session.ts';

export interface Check {
  readonly name: string;
  /** `warning`: mails go out, or will; somebody should know. */
  readonly state: 'ok' | 'warning' | 'failed';
  readonly message: string;
}

/** What `doctor` reports; anything else ends it like every command. */
const DATABASE_TROUBLE: ReadonlySet<string> = new Set(['database_unavailable', 'schema_missing', 'data_dir_in_use']);
const RELAY_PATIENCE_MS = 10_000;

/** What `doctor` finds. @throws AppError kind `setting` when not even the settings can be read. */
export async function runChecks({ environment, terminal }: CliContext): Promise<readonly Check[]> {
  let session: Awaited<ReturnType<typeof openSession>>;
  try {
    session = await openSession(environment, (line) => terminal.note(line));
  } catch (error) {
    const found = toFailure(error).error;
    if (found === null || !DATABASE_TROUBLE.has(found.code)) {
      throw error;
    }
    return [failed('database', found.message)];
  }
  try {
    const { deps } = session;
    return [
      ok('database', 'answers, and its schema is there'),
      await checkQueue(deps),
      await checkWorkers(deps),
      await checkRelay(deps),
      ...(await checkPostalAddresses(deps)),
      await checkLegalTexts(deps),
      ...(await checkSignups(deps)),
    ];
  } finally {
    await session.close();
  }
}

async function checkQueue({ queue, config }: Deps): Promise<Check> {
  const where = config.redisUrl === undefined ? 'on PostgreSQL' : 'on Redis';
  return (await queue.ping()) === 'up'
    ? ok('queue', `answers, ${where}`)
    : failed('queue', `does not answer, ${where}; sign-ups are kept, mails wait`);
}

async function checkWorkers({ db }: Deps): Promise<Check> {
  const { readWorkerHealth } = await import('../deliveries/index.ts');
  const { live } = await readWorkerHealth(db);
  return live > 0
    ? ok('workers', `${live} at work`)
    : warning('workers', 'none runs: nothing is sent before npm start or npm run worker');
}

async function checkRelay(deps: Deps): Promise<Check> {
  const { openSmtpSession } = await import('../platform/smtp/index.ts');
  const isInbox = deps.config.smtpUrl === undefined;
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${RELAY_PATIENCE_MS / 1000} s`)), RELAY_PATIENCE_MS);
  });
  try {
    const opened = deps.findRelay().then(openSmtpSession);
    const session = await Promise.race([opened, patience]);
    session.close();
    return isInbox
      ? warning('relay', 'SMTP_URL is unset: mails go to the local inbox and nowhere else')
      : ok('relay', 'answers and lets us in');
  } catch (error) {
    return isInbox
      ? warning('relay', 'SMTP_URL is unset, and the local inbox is there only while Courant runs')
      : failed('relay', `SMTP_URL: ${asError(error).message}`);
  } finally {
    clearTimeout(timer);
  }
}

async function checkPostalAddresses({ db, config }: Deps): Promise<readonly Check[]> {
  const { effectiveIdentity, listNewsletters } = await import('../newsletters/index.ts');
  const newsletters = await listNewsletters(db);
  const missing = newsletters.filter((newsletter) => effectiveIdentity(newsletter, config).postalAddress === null);
  return missing.length === 0
    ? [ok('postal address', 'each newsletter has one')]
    : missing.map(({ slug }) =>
        failed('postal address', `${slug} has none and cannot send; set it there, or POSTAL_ADDRESS`),
      );
}

async function checkLegalTexts(deps: Deps): Promise<Check> {
  const { hasSampleDocuments, signupClosedReason } = await import('../legal/index.ts');
  const hasSample = await hasSampleDocuments(deps);
  const closed = signupClosedReason(deps.config, hasSample);
  if (closed !== undefined) {
    return failed('legal texts', closed.message);
  }
  return hasSample
    ? warning('legal texts', 'terms or privacy notice are samples; publish your own before you set SMTP_URL')
    : ok('legal texts', 'terms and privacy notice are your own');
}

async function checkSignups({ db, clock }: Deps): Promise<readonly Check[]> {
  const { PROXY_ADVICE, readSignupWarnings } = await import('../signup-guard/index.ts');
  const { burst, hasUntrustedProxy } = await readSignupWarnings(db, clock.now());
  return [
    hasUntrustedProxy ? warning('proxy', PROXY_ADVICE) : ok('proxy', 'none that TRUST_PROXY does not name'),
    burst === undefined
      ? ok('sign-ups', 'no more than usual')
      : warning('sign-ups', `far more than usual ${burst === 'now' ? 'at the moment' : 'in the last 24 hours'}`),
  ];
}

function ok(name: string, message: string): Check {
  return { name, state: 'ok', message };
}

function warning(name: string, message: string): Check {
  return { name, state: 'warning', message };
}

function failed(name: string, message: string): Check {
  return { name, state: 'failed', message };
}
