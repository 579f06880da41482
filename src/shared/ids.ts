/**
 * Row ids are 64-bit identities in PostgreSQL. They reach JavaScript as numbers, which are exact up to 2^53: at a
 * million rows a second that lasts 285 years.
 */
type Id<Name extends string> = number & { readonly __id: Name };

export type AdminId = Id<'admin'>;
export type ArticleId = Id<'article'>;
export type CampaignId = Id<'campaign'>;
export type ConsentRecordId = Id<'consent_record'>;
export type DeliveryId = Id<'delivery'>;
export type FeedId = Id<'feed'>;
export type IssueId = Id<'issue'>;
export type LegalDocumentId = Id<'legal_document'>;
export type NewsletterId = Id<'newsletter'>;
export type SectionId = Id<'section'>;
export type SignupRequestId = Id<'signup_request'>;
export type SubscriberId = Id<'subscriber'>;
export type SubscriptionId = Id<'subscription'>;
export type WorkerId = Id<'worker'>;
