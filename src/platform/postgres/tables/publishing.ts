import type { Generated } from 'kysely';
import type { ArticleId, FeedId, IssueId, NewsletterId, SectionId } from '../../../shared/ids.ts';
import type { Id, Json } from './columns.ts';

export interface PublishingTables {
  newsletters: {
    id: Id<NewsletterId>;
    slug: string;
    name: string;
    description: Generated<string>;
    locale: Generated<string>;
    is_public: Generated<boolean>;
    from_name: string | null;
    from_address: string | null;
    reply_to: string | null;
    postal_address: string | null;
    imprint_url: string | null;
    cron: Generated<string>;
    time_zone: Generated<string>;
    next_run_at: Date | null;
    cutoff_at: Date;
    max_per_section: Generated<number>;
    opt_in: Generated<'double' | 'single'>;
    opt_in_reason: string | null;
    created_at: Date;
    updated_at: Date;
  };
  newsletter_sections: {
    id: Id<SectionId>;
    newsletter_id: NewsletterId;
    slug: string;
    name: string;
    position: number;
    max_items: number | null;
  };
  proofreaders: { newsletter_id: NewsletterId; address: string; address_key: string; added_at: Date };
  feeds: {
    id: Id<FeedId>;
    newsletter_id: NewsletterId;
    section_id: SectionId;
    url: string;
    title: string | null;
    is_sample: Generated<boolean>;
    etag: string | null;
    last_modified: string | null;
    added_at: Date;
    first_polled_at: Date | null;
    last_polled_at: Date | null;
    last_success_at: Date | null;
    next_poll_at: Date;
    status: Generated<'new' | 'ok' | 'failing'>;
    failure_code: string | null;
    failure_message: string | null;
    failure_count: Generated<number>;
  };
  articles: {
    id: Id<ArticleId>;
    newsletter_id: NewsletterId;
    section_id: SectionId;
    feed_id: FeedId | null;
    url: string;
    title: string;
    summary_text: Generated<string>;
    author: string | null;
    source_name: string | null;
    image_url: string | null;
    image_alt: string | null;
    language: string | null;
    word_count: number | null;
    published_at: Date | null;
    first_seen_at: Date;
    is_eligible: Generated<boolean>;
    is_sample: Generated<boolean>;
  };
  article_keys: { newsletter_id: NewsletterId; key: Buffer; article_id: ArticleId };
  issues: {
    id: Id<IssueId>;
    newsletter_id: NewsletterId;
    kind: 'scheduled' | 'extra';
    period_at: Date;
    number: number | null;
    status: 'awaiting_approval' | 'approved' | 'skipped' | 'dropped';
    from_at: Date;
    cutoff_at: Date;
    title: string;
    content: Json;
    created_at: Date;
    decided_at: Date | null;
    published_at: Date | null;
  };
  issue_articles: {
    issue_id: IssueId;
    article_id: ArticleId;
    newsletter_id: NewsletterId;
    section_id: SectionId;
    position: number;
  };
}
