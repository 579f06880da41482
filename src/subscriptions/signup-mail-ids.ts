import { storeCompiledMail } from '../deliveries/index.ts';
import type { StoredMail } from '../deliveries/index.ts';
import { issueUrl, listPublishedIssues, selectPreparedIssueAt } from '../digests/index.ts';
import { matchLocale } from '../i18n/index.ts';
import type { Newsletter } from '../newsletters/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { Clock } from '../shared/clock.ts';
import { alreadySubscribedMail, confirmationMail, welcomeMail } from './signup-mails.ts';
import type { SignupMailDeps, WelcomeIssues } from './signup-mails.ts';

interface MailIdDeps extends SignupMailDeps {
  readonly db: Db;
  readonly clock: Clock;
}

type SignupMail = 'confirmation' | 'already-subscribed' | 'welcome';

/** Where the mail for these newsletters in this language is stored; without a language in that of the first newsletter. */
export type SignupMailIds = (
  mail: SignupMail,
  newsletters: readonly Newsletter[],
  locale: string | null,
) => Promise<number>;

/**
 * Compiles and hashes once per variant, not once per reader, for one run of the job. Stored outside the transaction of the batch: a
 * mail that nobody gets harms nobody, it may be wanted by the next, and one that fails does not take the batch with it.
 */
export function createSignupMailIds(deps: MailIdDeps): SignupMailIds {
  const ids = new Map<string, Promise<number>>();
  return (mail, newsletters, wantedLocale) => {
    const locale = matchLocale(wantedLocale ?? newsletters[0]?.locale ?? '');
    const key = [mail, locale, ...newsletters.map(({ id }) => id)].join(' ');
    const known = ids.get(key);
    if (known !== undefined) {
      return known;
    }
    const storing = compile(deps, mail, newsletters, locale).then((stored) =>
      storeCompiledMail(deps.db, stored, deps.clock.now()),
    );
    ids.set(key, storing);
    return storing;
  };
}

async function compile(
  deps: MailIdDeps,
  mail: SignupMail,
  newsletters: readonly Newsletter[],
  locale: string,
): Promise<StoredMail> {
  const [first] = newsletters;
  switch (mail) {
    case 'confirmation':
      return confirmationMail(deps, newsletters, locale);
    case 'already-subscribed':
      return alreadySubscribedMail(deps, newsletters, locale);
    case 'welcome':
      if (first === undefined) {
        throw new Error('a welcome without a newsletter');
      }
      return welcomeMail(deps, first, await findIssues(deps, first), locale);
    default:
      return mail satisfies never;
  }
}

/** An issue that is built ahead comes before the next one of the schedule. */
async function findIssues(deps: MailIdDeps, newsletter: Newsletter): Promise<WelcomeIssues> {
  const [latest] = await listPublishedIssues(deps.db, newsletter.id, 1);
  const preparedAt = await selectPreparedIssueAt(deps.db, newsletter.id, deps.clock.now());
  return {
    latest:
      latest === undefined
        ? undefined
        : { title: latest.title, url: issueUrl(deps.config.publicUrl, newsletter.slug, latest.number) },
    nextAt: preparedAt ?? newsletter.nextRunAt,
  };
}
