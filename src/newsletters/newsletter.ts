import type { Config } from '../config/index.ts';
import type { NewsletterId, SectionId } from '../shared/ids.ts';
import type { SendWindow } from '../shared/send-window.ts';
import type { Brand } from './brand.ts';
import type { DigestRules } from './digest-rules.ts';

export interface Section {
  readonly id: SectionId;
  readonly slug: string;
  readonly name: string;
  readonly position: number;
  /** Null: the newsletter's `maxPerSection`. */
  readonly maxItems: number | null;
  /** With fewer articles the section is left out. Null: one is enough. */
  readonly minItems: number | null;
  readonly ranking: SectionRanking;
}

/** Which articles of a section come first, after those that are pinned: the newest; the heaviest; the newest of each source and author before the rest. */
export const SECTION_RANKINGS = ['newest', 'weight', 'spread'] as const;
export type SectionRanking = (typeof SECTION_RANKINGS)[number];

/** double: a subscription begins with a click on the link of a mail. single: at once, on grounds its publisher has to name. */
export const OPT_INS = ['double', 'single'] as const;
export type OptIn = (typeof OPT_INS)[number];

export interface Newsletter {
  readonly id: NewsletterId;
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly locale: string;
  readonly isPublic: boolean;
  /** This and the next four: null means the default, see `effectiveIdentity`. */
  readonly fromName: string | null;
  readonly fromAddress: string | null;
  readonly replyTo: string | null;
  readonly postalAddress: string | null;
  readonly imprintUrl: string | null;
  /** Empty: no schedule. */
  readonly cron: string;
  readonly timeZone: string;
  /** Issues leave when each reader's own clock shows the time of the schedule; who is past it gets them at once. */
  readonly localTime: boolean;
  /** The hours in which issues leave, by the same clock. Null: any. */
  readonly sendWindow: SendWindow | null;
  readonly nextRunAt: Date | null;
  /** The next issue takes what was first seen after this moment. */
  readonly cutoffAt: Date;
  readonly maxPerSection: number;
  readonly optIn: OptIn;
  /** Why a mail to confirm is not needed; there whenever the opt-in is single. */
  readonly optInReason: string | null;
  readonly sections: readonly Section[];
  readonly brand: Brand;
  /** How its issues are laid out, of its digest rules. */
  readonly digestLook: Pick<DigestRules, 'layout' | 'utm'>;
}

export interface Proofreader {
  readonly address: string;
  readonly addedAt: Date;
}

/** Who a newsletter's mails come from, after the defaults of the environment. */
export interface Identity {
  readonly fromName: string;
  readonly fromAddress: string;
  readonly replyTo: string | null;
  /** Null while nobody has said: then no campaign or issue starts (`postal_address_missing`). */
  readonly postalAddress: string | null;
  readonly imprintUrl: string | null;
}

/** Only while the local inbox is on: with SMTP_URL the settings require MAIL_FROM. `localhost` never leaves (RFC 6761). */
const INBOX_FROM_ADDRESS = 'news@courant.localhost';

/** A newsletter's own values win over the environment's. */
export function effectiveIdentity(
  newsletter: Pick<Newsletter, 'name' | 'fromName' | 'fromAddress' | 'replyTo' | 'postalAddress' | 'imprintUrl'>,
  config: Pick<Config, 'mailFrom' | 'postalAddress'>,
): Identity {
  return {
    fromName: newsletter.fromName ?? newsletter.name,
    fromAddress: newsletter.fromAddress ?? config.mailFrom ?? INBOX_FROM_ADDRESS,
    replyTo: newsletter.replyTo,
    postalAddress: newsletter.postalAddress ?? config.postalAddress ?? null,
    imprintUrl: newsletter.imprintUrl,
  };
}
