import { z } from 'zod';
import type { FieldProblem } from '../shared/app-error.ts';
import { AppError } from '../shared/app-error.ts';
import { parseEmailAddress } from '../shared/email-address.ts';
import type { ParsedAddress } from '../shared/email-address.ts';
import { isTimeZone } from '../newsletters/index.ts';
import type { Newsletter } from '../newsletters/index.ts';
import type { SignupGuard } from '../signup-guard/index.ts';
import type { SignupForm } from './signup-form.ts';

/** What the public JSON endpoint takes; unknown keys are refused. */
export const signupBodySchema = z.strictObject({
  email: z.string().max(320),
  newsletters: z.array(z.string().max(60)).min(1).max(50),
  terms: z.literal(true, { error: 'must be true: the reader has to accept the terms' }),
  privacy: z.literal(true, { error: 'must be true: the reader has to be shown the privacy notice' }),
  name: z.string().max(5000).optional(),
  locale: z
    .string()
    .regex(/^[a-zA-Z]{2,8}(?:-[a-zA-Z\d]{1,8})*$/, 'must be a language tag such as en or de-AT')
    .optional(),
  timezone: z.string().max(64).optional(),
  // Sign-ups are written together: what PostgreSQL would refuse must not get as far as that.
  form: z
    .string()
    .max(120)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must not hold control characters')
    .optional(),
  formToken: z.string().max(200).optional(),
  altcha: z.string().max(4000).optional(),
  pageUrl: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .optional(),
});

/** What a browser posts: every value a string, `newsletters` repeated. */
const formFieldsSchema = z.object({
  email: z.string().max(320).catch(''),
  name: z.string().catch(''),
  newsletters: z.union([z.array(z.string()), z.string().transform((one) => [one])]).catch([]),
  terms: z.enum(['true', 'on', '1']).optional().catch(undefined),
  formToken: z.string().max(200).optional().catch(undefined),
  /** ALTCHA's proof of work, put there by our script. */
  altcha: z.string().max(4000).optional().catch(undefined),
  /** A trap: people neither see nor fill it. */
  homepage: z.string().catch(''),
  /** The version of the form that was shown: our page names it, so that no other wording is recorded. */
  formVersion: z.string().max(40).optional().catch(undefined),
  /** Which of the forms that are posted it is; none is the hosted one. */
  formId: z.enum(['hosted', 'page', 'snippet']).optional().catch(undefined),
  /** The language that was shown, whatever the browser asks for. */
  locale: z.string().max(35).optional().catch(undefined),
});
export type SignupFields = z.infer<typeof formFieldsSchema>;

export function readSignupFields(body: unknown): SignupFields {
  return formFieldsSchema.parse(body ?? {});
}

export interface ValidSignup {
  readonly address: ParsedAddress;
  readonly name: string | null;
  readonly newsletters: readonly Newsletter[];
  readonly locale: string | null;
  readonly timeZone: string | null;
}

interface SignupWish {
  readonly email: string;
  readonly name: string | undefined;
  readonly newsletters: readonly string[];
  readonly hasAcceptedTerms: boolean;
  readonly locale: string | undefined;
  readonly timeZone: string | undefined;
}

/** Every problem at once, each at its field, so that nobody has to send the form three times. */
export function validateSignup(
  form: SignupForm,
  wish: SignupWish,
):
  | { readonly ok: true; readonly signup: ValidSignup }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] } {
  const address = parseEmailAddress(wish.email);
  const name = wish.name?.trim().normalize('NFC') ?? '';
  const chosen = [...new Set(wish.newsletters)].map((slug) => form.newsletters.find((one) => one.slug === slug));
  const newsletters = chosen.filter((one) => one !== undefined);
  const problems: FieldProblem[] = [];
  if (address === undefined) {
    problems.push(
      wish.email.trim() === ''
        ? { field: 'email', code: 'email_missing', message: 'Please enter your mail address.' }
        : {
            field: 'email',
            code: 'email_invalid',
            message: 'This does not look like a mail address. Please check it.',
          },
    );
  }
  problems.push(...findNameProblems(name));
  if (chosen.length === 0) {
    problems.push({
      field: 'newsletters',
      code: 'newsletter_missing',
      message: 'Please choose at least one newsletter.',
    });
  } else if (newsletters.length < chosen.length) {
    problems.push({
      field: 'newsletters',
      code: 'newsletter_unknown',
      message: 'There is no such newsletter. Please choose again.',
    });
  }
  if (!wish.hasAcceptedTerms) {
    problems.push({
      field: 'terms',
      code: 'terms_not_accepted',
      message: 'Please tick the box: a subscription needs the terms.',
    });
  }
  if (wish.timeZone !== undefined && !isTimeZone(wish.timeZone)) {
    problems.push({ field: 'timezone', code: 'time_zone_invalid', message: 'Use a time zone such as Europe/Berlin.' });
  }
  if (address === undefined || problems.length > 0) {
    return { ok: false, problems };
  }
  const signup = {
    address,
    name: name === '' ? null : name,
    newsletters,
    locale: wish.locale ?? null,
    timeZone: wish.timeZone ?? null,
  };
  return { ok: true, signup };
}

/** Code points, as people count; the column holds any. */
const NAME_LENGTH = 120;
/** Control characters (a header, a terminal), private and unassigned ones, and those that turn the direction of a line around. */
const UNPRINTABLE = /[\p{Cc}\p{Co}\p{Cn}\p{Cs}\u2028-\u202e\u2066-\u2069\ufeff]/u;
/** An address, a link, or a bare domain under an ending that spam is sent with. "J.R. Tolkien" and "St.John" are names. */
const LINK =
  /@|:\/\/|www\.|\/\/|[\p{L}\d-]{2,}\.(?:com|net|org|info|biz|xyz|top|shop|online|site|link|click|club|live|vip|icu|io|ru|cn|su|tk|ly|me|app|dev)(?![\p{L}\d])/iu;

/** A name is shown in our own mails to a mailbox whose owner did not write it (R38): it must not be able to carry a message. */
function findNameProblems(name: string): readonly FieldProblem[] {
  if (Array.from(name).length > NAME_LENGTH) {
    const message = `Please shorten the name to ${NAME_LENGTH} characters.`;
    return [{ field: 'name', code: 'name_too_long', message }];
  }
  // NFKC: a full-width commercial at is one to the eye and to mail programs.
  return UNPRINTABLE.test(name) || LINK.test(name.normalize('NFKC'))
    ? [{ field: 'name', code: 'name_invalid', message: 'Please enter just a name, without addresses or links.' }]
    : [];
}

/** By the settings that are off at first; asks DNS. Depends on the domain alone, never on the state of the address (S23). */
export async function findDomainProblems(
  deps: { readonly signupGuard: Pick<SignupGuard, 'findDomainProblem'> },
  address: ParsedAddress,
): Promise<readonly FieldProblem[]> {
  const problem = await deps.signupGuard.findDomainProblem(address);
  switch (problem) {
    case undefined:
      return [];
    case 'disposable':
      return [
        {
          field: 'email',
          code: 'email_disposable',
          message: 'This is a throw-away address. Please use one that you keep.',
        },
      ];
    case 'takes-no-mail':
      return [
        {
          field: 'email',
          code: 'email_takes_no_mail',
          message: 'This domain does not take mail. Please check what comes after the @.',
        },
      ];
    default:
      return problem satisfies never;
  }
}

export function signupProblem(problems: readonly FieldProblem[]): AppError {
  return new AppError(
    'input',
    problems[0]?.code ?? 'invalid_input',
    problems[0]?.message ?? 'Please check your input.',
    {
      fields: problems,
    },
  );
}
