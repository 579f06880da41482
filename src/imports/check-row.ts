import { isTimeZone } from '../newsletters/index.ts';
import { readCsvCell } from '../shared/csv.ts';
import { parseEmailAddress } from '../shared/email-address.ts';
import type { ParsedAddress } from '../shared/email-address.ts';
import type { NewsletterId } from '../shared/ids.ts';
import type { ColumnMap, ImportField } from './import-columns.ts';

/** Article 6(1)(a) GDPR, or the existing customer of Article 13(2) ePrivacy Directive (R30). */
export const IMPORT_BASES = ['consent', 'soft-opt-in'] as const;
export type ImportBasis = (typeof IMPORT_BASES)[number];

/** Why a row was not imported. Stable codes; the words go into the reject file. */
export const REJECT_REASONS = {
  email_missing: 'there is no mail address in this row',
  email_invalid: 'this is not a mail address that mail servers accept',
  newsletter_missing: 'no newsletter is named, neither here nor for the whole file',
  newsletter_unknown: 'there is no newsletter with this short name',
  name_invalid: 'the name is longer than 120 characters, or holds a link, an address or control characters',
  locale_invalid: 'the language must be a tag such as en or de-AT',
  time_zone_invalid: 'the time zone must be a name such as Europe/Berlin',
  basis_unknown: 'the basis must be consent or soft-opt-in',
  consented_at_invalid: 'the time of the consent must be a date or time such as 2024-05-17T08:30:00Z',
  consented_at_future: 'the time of the consent is in the future',
  evidence_too_long: 'the evidence or the wording is longer than 5000 characters',
  text_malformed: 'the row holds a character that no text may hold',
  not_enabled: 'the status says that this person is not to be mailed',
  duplicate: 'the file names this address twice for the same newsletter',
  suppressed: 'the address is suppressed here',
  erased: 'the person had their data erased here and has not come back',
  unsubscribed: 'the person has unsubscribed here',
} as const;
export type RejectReason = keyof typeof REJECT_REASONS;

/** What holds for every row that does not say otherwise. */
export interface ImportDefaults {
  readonly newsletterIds: readonly NewsletterId[];
  readonly basis: ImportBasis | null;
  readonly evidence: string | null;
}

export interface CheckedRow {
  readonly address: ParsedAddress;
  readonly newsletterIds: readonly NewsletterId[];
  readonly name: string | null;
  readonly locale: string | null;
  readonly timeZone: string | null;
  /** Null without evidence: such a row is unproven and not mailed. */
  readonly proof: { readonly basis: ImportBasis; readonly evidence: string } | null;
  readonly consentedAt: Date | null;
  readonly consentText: string | null;
}

export type RowCheck =
  | { readonly ok: true; readonly row: CheckedRow }
  /** `blocklist`: the other system had shut this address, and so do we. */
  | { readonly ok: false; readonly reason: RejectReason; readonly blocklist?: ParsedAddress };

interface RowRules {
  readonly columns: ColumnMap;
  readonly defaults: ImportDefaults;
  readonly newsletters: ReadonlyMap<string, NewsletterId>;
  readonly now: Date;
}

const MAX_TEXT = 5000;
/** listmonk says `enabled`; what is not known as good is not mailed. */
const GOOD_STATUS = /^(?:enabled|active|subscribed|confirmed|)$/i;
const BLOCKED_STATUS = /^(?:blocklisted|blacklisted|cleaned|complained|bounced|suppressed)$/i;

export function checkRow(cells: readonly string[], rules: RowRules): RowCheck {
  const read = (field: ImportField): string | null => {
    const index = rules.columns[field];
    const value = index === undefined ? '' : readCsvCell(cells[index] ?? '').trim();
    return value === '' ? null : value;
  };
  const email = read('email');
  const address = email === null ? undefined : parseEmailAddress(email);
  if (address === undefined) {
    return { ok: false, reason: email === null ? 'email_missing' : 'email_invalid' };
  }
  const status = read('status') ?? '';
  if (!GOOD_STATUS.test(status)) {
    return { ok: false, reason: 'not_enabled', ...(BLOCKED_STATUS.test(status) ? { blocklist: address } : {}) };
  }
  const newsletters = readNewsletters(read('newsletters'), rules);
  if (typeof newsletters === 'string') {
    return { ok: false, reason: newsletters };
  }
  const name = read('name')?.normalize('NFC') ?? null;
  const locale = read('locale');
  const timeZone = read('timezone');
  const basis = read('basis')?.toLowerCase().replaceAll(/[_ ]/g, '-') ?? rules.defaults.basis;
  const evidence = read('evidence') ?? rules.defaults.evidence;
  const consentedAt = readInstant(read('consented_at'));
  const consentText = read('consent_text');
  const knownBasis = IMPORT_BASES.find((known) => known === basis) ?? null;
  const wrong = firstWrong({
    name_invalid: name !== null && (name.length > 120 || /[\p{Cc}\p{Cs}]|https?:|www\.|@/iu.test(name)),
    locale_invalid: locale !== null && !/^[a-z]{2,8}(?:-[a-z\d]{1,8})*$/i.test(locale),
    time_zone_invalid: timeZone !== null && !isTimeZone(timeZone),
    basis_unknown: basis !== null && knownBasis === null,
    consented_at_invalid: consentedAt === 'invalid',
    consented_at_future: consentedAt instanceof Date && consentedAt > rules.now,
    evidence_too_long: Math.max(evidence?.length ?? 0, consentText?.length ?? 0) > MAX_TEXT,
    text_malformed: [evidence, consentText].some((value) => value !== null && !isStorable(value)),
  });
  if (wrong !== undefined) {
    return { ok: false, reason: wrong };
  }
  return {
    ok: true,
    row: {
      address,
      newsletterIds: newsletters,
      name,
      locale,
      timeZone,
      proof: knownBasis === null || evidence === null ? null : { basis: knownBasis, evidence },
      consentedAt: consentedAt instanceof Date ? consentedAt : null,
      consentText,
    },
  };
}

/** PostgreSQL takes no U+0000 and no half of a character. */
function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

function firstWrong(checks: Partial<Record<RejectReason, boolean>>): RejectReason | undefined {
  return (Object.keys(checks) as RejectReason[]).find((reason) => checks[reason]);
}

function readNewsletters(
  text: string | null,
  { defaults, newsletters }: RowRules,
): readonly NewsletterId[] | 'newsletter_missing' | 'newsletter_unknown' {
  if (text === null) {
    return defaults.newsletterIds.length === 0 ? 'newsletter_missing' : defaults.newsletterIds;
  }
  const slugs = text.split(/[,;|]/).map((slug) => slug.trim().toLowerCase());
  const ids = [...new Set(slugs)].flatMap((slug) => newsletters.get(slug) ?? []);
  return ids.length === new Set(slugs).size ? ids : 'newsletter_unknown';
}

/** A day, or a time with its offset: without one it would be read differently on another machine. */
function readInstant(text: string | null): Date | 'invalid' | null {
  if (text === null) {
    return null;
  }
  const isInstant = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)? ?(?:Z|UTC|[+-]\d\d:?\d\d))?$/i.test(text);
  const instant = new Date(text.replace(' UTC', 'Z').replace(/(\d) (?=[Z+-])/i, '$1'));
  return isInstant && !Number.isNaN(instant.getTime()) ? instant : 'invalid';
}
