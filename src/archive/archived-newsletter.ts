import type { NewsletterId } from '../shared/ids.ts';

/** What the archive shows of a newsletter. Only public ones are in it. */
export interface ArchivedNewsletter {
  readonly id: NewsletterId;
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly locale: string;
  readonly timeZone: string;
  readonly cron: string;
  readonly createdAt: Date;
  /** Whether search engines may list it. */
  readonly isIndexable: boolean;
  readonly brand: ArchiveBrand;
}

/** Null: ours. */
export interface ArchiveBrand {
  readonly logoUrl: string | null;
  readonly logoAlt: string;
  readonly logoWidth: number | null;
  readonly accentColor: string | null;
  readonly backgroundColor: string | null;
  readonly isSans: boolean;
}
