import type { ChainProof, ConsentMethod } from '../consent/index.ts';
import type { ConsentRecordId, DeliveryId, NewsletterId, SubscriberId } from '../shared/ids.ts';

/** A value of the person behind a record: kept, never there, or erased, and then when and why. */
export type EvidenceValue =
  | { readonly state: 'none' }
  | {
      readonly state: 'kept';
      readonly value: string;
      /** Hex. SHA-256(salt, value) is the digest in the record. */
      readonly salt: string;
      readonly digest: string;
      /** Since when it may be used for legal claims only. */
      readonly restrictedAt: Date | null;
    }
  | {
      readonly state: 'erased';
      readonly digest: string;
      readonly at: Date;
      readonly reason: string;
      readonly recordId: ConsentRecordId;
    }
  /** It is gone, and no record says that it was erased. */
  | { readonly state: 'missing'; readonly digest: string };

export interface EvidenceDocumentRef {
  readonly id: number;
  readonly kind: 'terms' | 'privacy';
  readonly locale: string;
  readonly version: number;
  readonly title: string;
  /** SHA-256 of the Markdown in hex. */
  readonly hash: string;
  readonly publishedAt: Date;
  /** The page of this version, for ever. */
  readonly url: string;
}

/** One declaration, or one thing that became of it. */
export interface Declaration {
  readonly recordId: ConsentRecordId;
  readonly subscriberId: SubscriberId;
  readonly action: string;
  readonly purpose: string;
  readonly newsletterId: NewsletterId | null;
  readonly newsletter: string | null;
  readonly occurredAt: Date;
  readonly method: ConsentMethod;
  readonly actor: string;
  readonly isAssertedByCaller: boolean;
  /** The three declarations as they were shown. */
  readonly consentText: string | null;
  readonly termsText: string | null;
  readonly privacyText: string | null;
  readonly locale: string | null;
  readonly terms: EvidenceDocumentRef | null;
  readonly privacy: EvidenceDocumentRef | null;
  readonly formId: string | null;
  readonly formVersion: string | null;
  readonly pageUrl: string | null;
  readonly signupRequestId: number | null;
  readonly deliveryId: DeliveryId | null;
  readonly details: Readonly<Record<string, unknown>>;
  readonly address: EvidenceValue;
  readonly ip: EvidenceValue;
  readonly agent: EvidenceValue;
  /** Of imports: what the importer said that the consent rests on. */
  readonly evidence: EvidenceValue;
}

/** A confirmation mail made again, byte for byte, from what was stored when it was planned. */
export type SentMessage =
  | {
      readonly state: 'rebuilt';
      readonly messageId: string;
      readonly subject: string;
      /** The lines of the header, in their order. */
      readonly header: string;
      readonly text: string;
      /** All of it, as it went through SMTP less the doubled dots; and its SHA-256 in hex. */
      readonly source: string;
      readonly sha256: string;
    }
  /** The link in it still confirms, and must not reach anybody but the reader. */
  | { readonly state: 'withheld'; readonly openUntil: Date }
  | { readonly state: 'not-rebuilt'; readonly reason: string };

export interface EvidenceMail {
  readonly deliveryId: DeliveryId;
  readonly kind: string;
  readonly subject: string;
  readonly newsletter: string | null;
  readonly state: string;
  readonly reason: string | null;
  readonly tries: number;
  readonly plannedAt: Date;
  readonly settledAt: Date | null;
  readonly replyCode: number | null;
  readonly enhancedCode: string | null;
  /** What the relay said on the way, in its own words where they were kept. */
  readonly events: readonly {
    readonly event: string;
    readonly replyCode: number | null;
    readonly replyText: string | null;
    readonly occurredAt: string;
  }[];
  /** Of confirmation mails only. */
  readonly message: SentMessage | null;
}

/** Everything that proves what one person agreed to and what became of it. */
export interface Evidence {
  readonly format: 'courant-evidence';
  readonly version: 1;
  readonly exportedAt: Date;
  readonly exportedBy: string;
  readonly publicUrl: string;
  readonly person: {
    /** Null when it was erased and nothing had to be kept. */
    readonly address: string | null;
    /** One, or several when the same address came back after an erasure. */
    readonly subscriberIds: readonly SubscriberId[];
    readonly current: {
      readonly subscriberId: SubscriberId;
      readonly createdAt: Date;
      readonly subscriptions: readonly {
        readonly newsletter: string;
        readonly status: string;
        readonly requestedAt: string;
        readonly confirmedAt: string | null;
        readonly unsubscribedAt: string | null;
      }[];
    } | null;
    readonly erasures: readonly {
      readonly subscriberId: SubscriberId;
      readonly erasedAt: Date;
      readonly evidenceUntil: Date;
    }[];
    readonly suppressions: readonly {
      readonly reason: string;
      readonly source: string;
      readonly createdAt: Date;
      readonly liftedAt: Date | null;
    }[];
  };
  readonly declarations: readonly Declaration[];
  /** Every version that a declaration names, in full. */
  readonly documents: readonly (EvidenceDocumentRef & { readonly markdown: string })[];
  readonly mails: readonly EvidenceMail[];
  readonly chain: ChainProof;
  /** How a third party recomputes the chain, in English. */
  readonly howToCheck: readonly string[];
}

export const HOW_TO_CHECK: readonly string[] = [
  'Record: SHA-256 of `canonical`, as UTF-8, is `hash`. `canonical` is the JSON array of the fields of the record in a fixed order.',
  'Wordings and documents: the record names them by SHA-256 of their text (of the Markdown, for documents), as UTF-8.',
  'Values of the person: SHA-256 of the salt (as bytes) followed by the value (as UTF-8) is the digest in the record.',
  'Seal: `recordHashes` at `position` is the hash of the record. SHA-256 of all `recordHashes`, as bytes one after another, is `root`.',
  'Seal: SHA-256 of `previousHash` and `root` as bytes, followed by the text `sealedAt maxRecordId recordIds`, separated by single spaces, is the `hash` of the seal.',
  'Chain: `previousHash` is the hash of the seal before it. A hash that was kept elsewhere since (courant consent heads) shows that this seal, and all before it, have not changed since then.',
];
