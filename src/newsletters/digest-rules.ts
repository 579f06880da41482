import type { NewsletterId } from '../shared/ids.ts';

export const APPROVALS = ['automatic', 'required'] as const;
export type Approval = (typeof APPROVALS)[number];

/** What becomes of an issue that nobody approved by its time: it is sent, goes on waiting, or is dropped. */
export const DEADLINE_POLICIES = ['send', 'wait', 'drop'] as const;
export type DeadlinePolicy = (typeof DEADLINE_POLICIES)[number];

export const DIGEST_LAYOUTS = ['edition', 'plain'] as const;
export type DigestLayout = (typeof DIGEST_LAYOUTS)[number];

/** Slower than the newsletter: a reader gets one digest of the week or month. */
export const FREQUENCIES = ['weekly', 'monthly'] as const;
export type Frequency = (typeof FREQUENCIES)[number];

/** How the issues of a newsletter come about. */
export interface DigestRules {
  readonly newsletterId: NewsletterId;
  readonly approval: Approval;
  /** How long before its time an issue is built, for the editors to work on it. */
  readonly prepareHours: number;
  readonly deadlinePolicy: DeadlinePolicy;
  /** Whether the editors get a mail about an issue that waits for them. */
  readonly notifyEditors: boolean;
  /** With fewer articles there is no issue. */
  readonly minArticles: number;
  /** A thinner issue is filled up to this many with earlier articles that had no room; 0: never. */
  readonly fillTo: number;
  /** An issue that is overdue by more than this waits for an editor. */
  readonly catchUpHours: number;
  readonly layout: DigestLayout;
  /** Markdown, for the next issue alone. */
  readonly nextIntro: string | null;
  /** Added to the links to these hosts and their subdomains; none without a source. */
  readonly utm: { readonly source: string | null; readonly medium: string | null; readonly hosts: readonly string[] };
  readonly archiveIndexable: boolean;
  /** Whether readers may choose among the sections. */
  readonly offersSections: boolean;
  /** Whether readers may have it less often, see `listSlowerFrequencies`. */
  readonly offersFrequency: boolean;
}

/** Of a newsletter for which nobody has set any. */
export function defaultDigestRules(newsletterId: NewsletterId): DigestRules {
  return {
    newsletterId,
    approval: 'automatic',
    prepareHours: 0,
    deadlinePolicy: 'wait',
    notifyEditors: true,
    minArticles: 1,
    fillTo: 0,
    catchUpHours: 24,
    layout: 'edition',
    nextIntro: null,
    utm: { source: null, medium: null, hosts: [] },
    archiveIndexable: true,
    offersSections: false,
    offersFrequency: false,
  };
}
