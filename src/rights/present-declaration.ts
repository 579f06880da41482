import { findText } from '../i18n/index.ts';
import type { Translate } from '../i18n/index.ts';
import { evidenceTexts, formatUtc, nameActor } from './evidence-words.ts';
import type { Declaration, Evidence, EvidenceDocumentRef, EvidenceValue } from './evidence.ts';

interface Fact {
  readonly label: string;
  readonly text: string;
  readonly url?: string;
  readonly hash?: string;
}

export function presentDeclaration(
  declaration: Declaration,
  { chain }: Evidence,
  locale: string,
): Readonly<Record<string, unknown>> {
  const t = evidenceTexts(locale);
  const proof = chain.records.find(({ recordId }) => recordId === declaration.recordId);
  const seal = chain.seals.find(({ id }) => id === proof?.sealId);
  return {
    title: t(`evidence.action.${declaration.action}`),
    newsletter: declaration.newsletter,
    iso: declaration.occurredAt.toISOString(),
    when: formatUtc(declaration.occurredAt),
    quotes: quotesOf(declaration, t),
    asserted: declaration.isAssertedByCaller,
    facts: factsOf(declaration, locale, t),
    record: t('evidence.record', { id: declaration.recordId }),
    seal:
      seal === undefined
        ? t('evidence.unsealed')
        : t('evidence.sealed', {
            seal: seal.id,
            position: (proof?.position ?? 0) + 1,
            count: seal.recordHashes.length,
          }),
    hash: proof?.hash ?? '',
  };
}

function quotesOf(declaration: Declaration, t: Translate): readonly Readonly<Record<string, string>>[] {
  const lang = declaration.locale ?? '';
  const quotes = [
    ['evidence.consent-text', declaration.consentText],
    ['evidence.terms-text', declaration.termsText],
    ['evidence.privacy-text', declaration.privacyText],
  ] as const;
  return quotes.flatMap(([key, text]) => (text === null ? [] : [{ label: t(key), text, lang }]));
}

function factsOf(declaration: Declaration, locale: string, t: Translate): readonly Fact[] {
  const { terms, privacy, formId, formVersion, pageUrl, details } = declaration;
  const form = formId === null ? null : t('evidence.form-value', { form: formId, version: formVersion ?? '?' });
  const how = t(`evidence.method.${declaration.method}`);
  const facts: readonly (readonly [string, string | null])[] = [
    ['evidence.how', `${how}, ${t('evidence.by', { actor: nameActor(declaration.actor, t) })}`],
    ['evidence.purpose-label', t(`evidence.purpose.${declaration.purpose}`)],
    ['evidence.form', form],
    ['evidence.page', pageUrl],
    ['evidence.language', declaration.locale],
    ['evidence.address', describe(declaration.address, locale, t)],
    ['evidence.ip', describe(declaration.ip, locale, t)],
    ['evidence.agent', describe(declaration.agent, locale, t)],
    ['evidence.import-evidence', describe(declaration.evidence, locale, t)],
    ['evidence.details', describeDetails(details, t)],
  ];
  return [
    ...facts.flatMap(([key, text]) => (text === null ? [] : [{ label: t(key), text }])),
    ...documentFact('evidence.terms', terms, t),
    ...documentFact('evidence.privacy', privacy, t),
  ];
}

/** Facts of this kind of record, by the names they have in its hash. */
function describeDetails(details: Declaration['details'], t: Translate): string | null {
  const words = Object.entries(details).flatMap(([name, value]) => {
    const text = value === null ? wordForNone(name, t) : typeof value === 'string' ? value : JSON.stringify(value);
    return text === undefined ? [] : [`${name}: ${text}`];
  });
  return words.length === 0 ? null : words.join(' · ');
}

/** Where none is a choice too: all sections, every issue. */
function wordForNone(name: string, t: Translate): string | undefined {
  switch (name) {
    case 'sections':
      return t('evidence.all-sections');
    case 'frequency':
      return t('evidence.every-issue');
    default:
      return undefined;
  }
}

function documentFact(key: string, document: EvidenceDocumentRef | null, t: Translate): readonly Fact[] {
  if (document === null) {
    return [];
  }
  const { version, locale, publishedAt, url, hash } = document;
  const text = t('evidence.version', { version, locale, date: formatUtc(publishedAt) });
  return [{ label: t(key), text, url, hash: t('evidence.fingerprint', { hash }) }];
}

function describe(value: EvidenceValue, locale: string, t: Translate): string | null {
  switch (value.state) {
    case 'none':
      return null;
    case 'kept':
      return value.restrictedAt === null
        ? value.value
        : t('evidence.value-restricted', { value: value.value, date: formatUtc(value.restrictedAt) });
    case 'erased': {
      const reason = findText(locale, `evidence.erased-because.${value.reason}`) ?? value.reason;
      return t('evidence.value-erased', { date: formatUtc(value.at), reason });
    }
    case 'missing':
      return t('evidence.value-missing');
    default:
      return value satisfies never;
  }
}
