import { loadCompiledMail } from '../deliveries/index.ts';
import type { ClaimedDelivery, StoredMail } from '../deliveries/index.ts';
import { composeMessage } from '../platform/smtp/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { renderForReader } from '../rendering/index.ts';
import type { Keyring } from '../shared/keyring.ts';
import { linksOf, messageIdOf } from './reader-mail.ts';
import type { ReaderLinks } from './reader-mail.ts';

/** Variants kept in memory; at most 90 kB of HTML each. */
const CACHED_VARIANTS = 50;

export type BuildMail = (delivery: ClaimedDelivery) => Promise<{ readonly from: string; readonly bytes: Buffer }>;

/**
 * One reader's mail as bytes. The same delivery gives the same bytes at each try: all that varies is in the row or derived
 * from it.
 */
export function createMailBuilder(deps: {
  readonly db: Db;
  readonly keyring: Keyring;
  readonly publicUrl: string;
}): BuildMail {
  const variants = new Map<number, Promise<StoredMail>>();

  function loadVariant(id: number): Promise<StoredMail> {
    const known = variants.get(id);
    if (known !== undefined) {
      return known;
    }
    const loading = loadCompiledMail(deps.db, id);
    loading.catch(() => variants.delete(id));
    variants.set(id, loading);
    const [oldest] = variants.keys();
    if (variants.size > CACHED_VARIANTS && oldest !== undefined) {
      variants.delete(oldest);
    }
    return loading;
  }

  return async (delivery) => {
    const { head, compiled } = await loadVariant(delivery.compiledMailId);
    const links = linksOf(delivery, deps.keyring, deps.publicUrl);
    const rendered = renderForReader(compiled, {
      subscriber: delivery.subscriberName === null ? {} : { name: delivery.subscriberName },
      links,
    });
    const isTest = delivery.kind === 'test';
    const bytes = await composeMessage({
      messageId: messageIdOf(delivery, head, deps.keyring),
      date: delivery.createdAt,
      from: { name: head.fromName, address: head.fromAddress },
      ...(head.replyTo === null ? {} : { replyTo: { name: head.fromName, address: head.replyTo } }),
      to: { address: delivery.address },
      subject: isTest ? `[Test] ${rendered.subject}` : rendered.subject,
      html: rendered.html,
      text: rendered.text,
      autoSubmitted: 'auto-generated',
      ...listHeaders(delivery, head, links),
    });
    return { from: head.fromAddress, bytes };
  };
}

/** R1, R4, R5: what marks a list mail. Confirmations and account mails are transactional and carry none of it (R6). */
function listHeaders(
  delivery: ClaimedDelivery,
  head: StoredMail['head'],
  links: ReaderLinks,
): Pick<Parameters<typeof composeMessage>[0], 'listHeaders' | 'precedence' | 'feedbackId'> {
  if (head.list === null || links.unsubscribe === undefined) {
    return {};
  }
  const host = head.fromAddress.slice(head.fromAddress.lastIndexOf('@') + 1);
  return {
    precedence: 'bulk',
    feedbackId: `${delivery.campaignId ?? delivery.kind}:${head.list.slug}:${delivery.kind}:courant`,
    listHeaders: {
      id: { phrase: head.list.name, host: `${head.list.slug}.${host}` },
      unsubscribeUrl: links.unsubscribe,
      owner: `mailto:${head.replyTo ?? head.fromAddress}`,
      ...(head.archiveUrl === null ? {} : { archive: head.archiveUrl }),
    },
  };
}
