import { directionOf, findText } from '../i18n/index.ts';
import type { Translate } from '../i18n/index.ts';
import { presentDeclaration } from './present-declaration.ts';
import { evidenceTexts, formatUtc, nameActor } from './evidence-words.ts';
import type { Evidence, EvidenceMail } from './evidence.ts';

/** Sheets of paper are not for thousands of hashes; the data has all of them. */
const MOST_HASHES_PRINTED = 60;

/** What the printable page shows, in words of one language. */
export function presentEvidence(evidence: Evidence, locale: string): Readonly<Record<string, unknown>> {
  const t = evidenceTexts(locale);
  const { person, chain, mails } = evidence;
  const confirmations = mails.filter(({ kind }) => kind === 'confirm');
  return {
    locale,
    dir: directionOf(locale),
    of: person.address === null ? t('evidence.of-erased') : t('evidence.of', { address: person.address }),
    facts: [
      {
        label: t('evidence.exported'),
        text: `${formatUtc(evidence.exportedAt)}, ${t('evidence.by', { actor: nameActor(evidence.exportedBy, t) })}`,
      },
      { label: t('evidence.sender'), text: evidence.publicUrl },
      { label: t('evidence.records'), text: String(evidence.declarations.length) },
      ...(chain.head === null
        ? []
        : [
            {
              label: t('evidence.newest-seal'),
              text: `${t('evidence.seal-number', { id: chain.head.sealId, date: formatUtc(chain.head.sealedAt) })}: ${chain.head.hash}`,
            },
          ]),
    ],
    hasRestricted: evidence.declarations.some(
      ({ address }) => address.state === 'kept' && address.restrictedAt !== null,
    ),
    now: describeNow(evidence, locale, t),
    declarations: evidence.declarations.map((declaration) => presentDeclaration(declaration, evidence, locale)),
    confirmations: confirmations.map((mail) => presentConfirmation(mail, t)),
    otherMails: mails
      .filter(({ kind }) => kind !== 'confirm')
      .map((mail) => ({
        when: formatUtc(mail.settledAt ?? mail.plannedAt),
        kind: findText(locale, `evidence.kind.${mail.kind}`) ?? mail.kind,
        subject: mail.newsletter === null ? mail.subject : `${mail.newsletter}: ${mail.subject}`,
        outcome: t(`evidence.state.${mail.state}`),
      })),
    seals: chain.seals.map((seal) => ({
      title: t('evidence.seal', { id: seal.id, date: formatUtc(seal.sealedAt) }),
      facts: [
        { label: t('evidence.previous'), text: seal.previousHash },
        { label: t('evidence.root'), text: seal.root },
        { label: t('evidence.seal-hash'), text: seal.hash },
        { label: t('evidence.records'), text: `${seal.recordHashes.length} (maxRecordId ${seal.maxRecordId})` },
      ],
      hashes:
        seal.recordHashes.length > MOST_HASHES_PRINTED
          ? null
          : seal.recordHashes.map((hash, index) => `${hash} (${seal.recordIds[index] ?? ''})`),
    })),
    howToCheck: evidence.howToCheck,
  };
}

function describeNow({ person }: Evidence, locale: string, t: Translate): readonly string[] {
  const { current, erasures, suppressions } = person;
  const reasonOf = (reason: string): string => findText(locale, `evidence.stop.${reason}`) ?? reason;
  return [
    ...(current === null
      ? [t('evidence.nobody')]
      : [
          t('evidence.since', { id: current.subscriberId, date: formatUtc(current.createdAt) }),
          ...current.subscriptions.map(({ newsletter, status }) =>
            t('evidence.subscription', { newsletter, status: t(`evidence.status.${status}`) }),
          ),
        ]),
    ...erasures.map(({ subscriberId, erasedAt, evidenceUntil }) =>
      t('evidence.erased-line', { id: subscriberId, date: formatUtc(erasedAt), until: formatUtc(evidenceUntil) }),
    ),
    ...suppressions.map(({ reason, createdAt, liftedAt }) =>
      liftedAt === null
        ? t('evidence.stopped', { date: formatUtc(createdAt), reason: reasonOf(reason) })
        : t('evidence.stopped-until', {
            date: formatUtc(createdAt),
            until: formatUtc(liftedAt),
            reason: reasonOf(reason),
          }),
    ),
  ];
}

function presentConfirmation(mail: EvidenceMail, t: Translate): Readonly<Record<string, unknown>> {
  const { message } = mail;
  const replies = mail.events.map(({ occurredAt, event, replyCode, replyText }) =>
    [formatUtc(new Date(occurredAt)), event, replyCode, replyText].filter((part) => part !== null).join(' '),
  );
  const code = [mail.replyCode, mail.enhancedCode].filter((part) => part !== null).join(' ');
  return {
    title: t('evidence.mail-title', { id: mail.deliveryId, state: t(`evidence.state.${mail.state}`) }),
    facts: [
      { label: t('evidence.planned'), text: formatUtc(mail.plannedAt) },
      ...(mail.settledAt === null ? [] : [{ label: t('evidence.settled'), text: formatUtc(mail.settledAt) }]),
      { label: t('evidence.answer'), text: [code, ...replies].filter(Boolean).join(' · ') || t('evidence.no-answer') },
      ...(message?.state === 'rebuilt'
        ? [
            { label: t('evidence.subject'), text: message.subject },
            { label: 'Message-ID', text: message.messageId },
            { label: t('evidence.message-hash'), text: message.sha256, isHash: true },
          ]
        : []),
    ],
    ...(message?.state === 'rebuilt' ? { header: message.header, text: message.text } : {}),
    missing:
      message?.state === 'withheld'
        ? t('evidence.withheld', { date: formatUtc(message.openUntil) })
        : t('evidence.not-rebuilt', { reason: message?.state === 'not-rebuilt' ? message.reason : mail.state }),
  };
}
