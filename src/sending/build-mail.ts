import { bounceAddressOf, bounceTokenOf, loadCompiledMail, messageIdOf } from '../deliveries/index.ts';
import type { StoredMail } from '../deliveries/index.ts';
import type { DkimSigner } from '../dkim/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import type { SmtpEnvelope } from '../platform/smtp/index.ts';
import { prepareMessage, writeMessage } from '../rendering/index.ts';
import type { CompiledMail, MailTemplates, MessageReader, PreparedMessage } from '../rendering/index.ts';
import type { Keyring } from '../shared/keyring.ts';
import { createLogicBatcher } from './batch-logic.ts';
import type { ReaderFacts } from './batch-logic.ts';
import { createBufferPool } from './buffer-pool.ts';
import type { PooledBuffer } from './buffer-pool.ts';
import { linksOf } from './reader-mail.ts';
import type { DeliveryOfMail, ReaderLinks } from './reader-mail.ts';

/** Variants kept in memory, compiled and encoded; at most 90 kB of HTML each. */
const CACHED_VARIANTS = 50;
/** Such a local part stands in From as it is (RFC 6532), whatever the return path looks like. */
const NON_ASCII_LOCAL = /[^\0-\x7F].*@/;

export interface BuiltMail {
  readonly envelope: Omit<SmtpEnvelope, 'to' | 'size'>;
  /** False: it was made for a relay that signs. */
  readonly isSigned: boolean;
  /** One after the other they are the message. */
  readonly parts: readonly Buffer[];
  /** Octets of all parts (RFC 1870). */
  readonly size: number;
  /** When nobody reads the parts any more: their memory is used again. */
  readonly release: () => void;
}

/** @param way the relay by which it goes; one that signs gets it without our signature */
export type BuildMail = (delivery: DeliveryOfMail, way?: { readonly isSigned: boolean }) => Promise<BuiltMail>;

export interface MailBuilderDeps {
  readonly db: Db;
  readonly keyring: Keyring;
  readonly publicUrl: string;
  /** Without one, what cannot be delivered comes back to the From address. */
  readonly bounceDomain?: string | undefined;
  readonly mailTemplates: Pick<MailTemplates, 'logic'>;
  readonly signer: DkimSigner;
  /** For a mail that no row holds; otherwise the compiled mails of `db`. */
  readonly loadMail?: (id: number) => Promise<StoredMail>;
}

/**
 * One reader's mail as bytes. The same delivery gives the same bytes at each try: all that varies is in the row or derived
 * from it.
 */
export function createMailBuilder(deps: MailBuilderDeps): BuildMail {
  const loadVariant = deps.loadMail ?? createVariantCache(deps.db);
  const takeBuffer = createBufferPool();
  const workOut = createLogicBatcher(deps.mailTemplates.logic);
  /** A mail with logic is one for each way through it. */
  const encoded = new WeakMap<CompiledMail, PreparedMessage>();

  function prepare(head: StoredMail['head'], compiled: CompiledMail): PreparedMessage {
    const known = encoded.get(compiled) ?? prepareMessage({ head, compiled });
    encoded.set(compiled, known);
    return known;
  }

  return async (delivery, { isSigned } = { isSigned: true }) => {
    const { head, compiled } = await loadVariant(delivery.compiledMailId);
    const { mail, logic } =
      compiled.logic === undefined ? { mail: compiled, logic: NOTHING } : await workOut(compiled, factsOf(delivery));
    const reader = readerOf(deps, head, delivery, logic);
    let memory: PooledBuffer | undefined;
    const message = writeMessage(prepare(head, mail), reader, (size) => {
      memory = takeBuffer(size);
      return memory.bytes;
    });
    const signature = isSigned
      ? await deps.signer.sign(
          { header: message.header, body: message.body, bodyIsCanonical: true },
          { fromDomain: domainOf(head.fromAddress), createdAt: delivery.createdAt },
        )
      : null;
    const parts = signature === null ? [message.bytes] : [signature, message.bytes];
    return {
      envelope: envelopeOf(deps, head, delivery),
      isSigned,
      parts,
      size: message.bytes.length + (signature?.length ?? 0),
      release: () => memory?.release(),
    };
  };
}

function createVariantCache(db: Db): (id: number) => Promise<StoredMail> {
  const variants = new Map<number, Promise<StoredMail>>();
  return (id) => {
    const known = variants.get(id);
    if (known !== undefined) {
      return known;
    }
    const loading = loadCompiledMail(db, id);
    loading.catch(() => variants.delete(id));
    variants.set(id, loading);
    const [oldest] = variants.keys();
    if (variants.size > CACHED_VARIANTS && oldest !== undefined) {
      variants.delete(oldest);
    }
    return loading;
  };
}

const NOTHING: readonly string[] = [];

function factsOf({ subscriberName, subscriberLocale }: DeliveryOfMail): ReaderFacts {
  return { name: subscriberName ?? undefined, locale: subscriberLocale ?? undefined };
}

function readerOf(
  deps: Pick<MailBuilderDeps, 'keyring' | 'publicUrl'>,
  head: StoredMail['head'],
  delivery: DeliveryOfMail,
  logic: readonly string[],
): MessageReader {
  const links = linksOf(delivery, deps.keyring, deps.publicUrl);
  return {
    messageId: messageIdOf(delivery, head, deps.keyring),
    date: delivery.createdAt,
    to: delivery.address,
    logic,
    values: (field) =>
      field === 'subscriber.name'
        ? (delivery.subscriberName ?? undefined)
        : links[field.slice('links.'.length) as keyof ReaderLinks],
    ...(delivery.kind === 'test' ? { subjectPrefix: '[Test] ' } : {}),
    ...listHeadersOf(head, delivery, links),
  };
}

/** R12: a return path for each delivery, so that what comes back to it tells whose it was. */
function envelopeOf(
  { bounceDomain, keyring }: Pick<MailBuilderDeps, 'bounceDomain' | 'keyring'>,
  { fromAddress }: StoredMail['head'],
  delivery: DeliveryOfMail,
): BuiltMail['envelope'] {
  if (bounceDomain === undefined) {
    return { from: fromAddress };
  }
  const token = bounceTokenOf(delivery, keyring);
  return {
    from: bounceAddressOf(token, bounceDomain),
    needsSmtpUtf8: NON_ASCII_LOCAL.test(fromAddress),
    reportAs: token,
  };
}

/** R1, R4, R5: what marks a list mail. Confirmations and account mails are transactional and carry none of it (R6). */
function listHeadersOf(
  head: StoredMail['head'],
  delivery: DeliveryOfMail,
  links: ReaderLinks,
): Pick<MessageReader, 'list'> {
  if (head.list === null || links.unsubscribe === undefined) {
    return {};
  }
  return {
    list: {
      unsubscribeUrl: links.unsubscribe,
      // The reader's own page says what this list is, and has every choice but joining.
      ...(links.preferences === undefined ? {} : { helpUrl: links.preferences }),
      feedbackId: `${delivery.campaignId ?? delivery.kind}:${head.list.slug}:${delivery.kind}:courant`,
    },
  };
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}
