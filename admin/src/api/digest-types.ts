/** The shapes of /api/v1 that have to do with how issues come about, look, and are worked on. */
import type { Issue } from './types.ts';

export interface SectionDraft {
  readonly id?: number;
  readonly name: string;
  readonly maxItems: number | null;
  readonly minItems: number | null;
  readonly ranking: Ranking;
}

/** How many readers had chosen a section that is gone, and how many no other. */
export interface ReadersWhoLost {
  readonly readers: number;
  readonly readersOfNothingElse: number;
}

export type Ranking = 'newest' | 'weight' | 'spread';

export interface IssueArticle {
  /** Missing in issues from before articles had one. */
  readonly id?: number;
  readonly title: string;
  readonly summaryText: string;
  readonly source?: string;
}

export interface IssueSection {
  readonly id?: number;
  readonly name: string;
  readonly articles: readonly IssueArticle[];
}

export interface IssueDetail extends Issue {
  readonly revision: number;
  readonly preheader: string;
  readonly intro: string;
  readonly sections: readonly IssueSection[];
  readonly html: string;
  readonly warnings: readonly MailWarning[];
}

/** What a reader with poor eyes, a screen reader or a small screen would trip over. */
export interface MailWarning {
  readonly code: string;
  readonly message: string;
}

export interface IssuePreview {
  readonly html: string;
  readonly warnings: readonly MailWarning[];
}

export interface LookPreview extends IssuePreview {
  /** Whose articles it shows. */
  readonly shows: 'next' | 'last' | 'sample';
  /** The accent colour as chosen, and as it can be read; null: ours. */
  readonly accent: { readonly chosen: string; readonly light: string; readonly dark: string } | null;
}

export interface IssueChanges {
  readonly revision: number;
  readonly title: string;
  readonly preheader: string;
  readonly intro: string;
  readonly sections: readonly {
    readonly id: number;
    readonly articles: readonly { readonly id: number; readonly title: string; readonly summaryText: string }[];
  }[];
}

export interface Candidate {
  readonly id: number;
  readonly sectionId: number;
  readonly title: string;
  readonly summaryText: string;
  readonly sourceName: string | null;
}

export interface DigestRules {
  readonly approval: 'automatic' | 'required';
  readonly prepareHours: number;
  readonly deadlinePolicy: 'send' | 'wait' | 'drop';
  readonly notifyEditors: boolean;
  readonly minArticles: number;
  readonly fillTo: number;
  readonly catchUpHours: number;
  readonly layout: 'edition' | 'plain';
  readonly nextIntro: string | null;
  readonly utm: { readonly source: string | null; readonly medium: string | null; readonly hosts: readonly string[] };
  readonly archiveIndexable: boolean;
  readonly offersSections: boolean;
  readonly offersFrequency: boolean;
  /** What the schedule has room for. Only told. */
  readonly slowerFrequencies: readonly ('weekly' | 'monthly')[];
}

export interface Brand {
  readonly logoUrl: string | null;
  readonly logoAlt: string;
  readonly logoWidth: number | null;
  readonly accentColor: string | null;
  readonly backgroundColor: string | null;
  readonly font: 'serif' | 'sans';
  readonly footerText: string | null;
}

export type Look = Brand & Pick<DigestRules, 'layout'>;
