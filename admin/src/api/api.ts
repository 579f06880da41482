import { get, patch, post, put, remove } from './client.ts';
import type {
  AmbiguousPolicy,
  Campaign,
  CampaignDraft,
  CampaignPreview,
  CampaignSummary,
  MissingMergeData,
  Recipient,
  RecipientStory,
  Resolution,
  Sending,
} from './campaign-types.ts';
import type { AddedFeed, Article, ArticleDraft, ArticlePage, CategoryRule, Feed, FeedPoll } from './content-types.ts';
import type {
  Brand,
  Candidate,
  DigestRules,
  IssueChanges,
  IssueDetail,
  IssuePreview,
  Look,
  LookPreview,
  ReadersWhoLost,
  SectionDraft,
} from './digest-types.ts';
import type {
  ApiToken,
  AuditEntry,
  Issue,
  LegalAcceptances,
  LegalChange,
  LegalDocument,
  LegalDraft,
  LegalText,
  Newsletter,
  NextIssue,
  Overview,
  Session,
  SetupLink,
  SignupCode,
  SignupOrigin,
  Subscriber,
  SubscriberStory,
  Suppression,
} from './types.ts';

/** One function per operation of the public API. */
export const api = {
  session: () => get<Session>('/session'),
  logIn: (input: { email: string; password: string }) => post<Session>('/session', input),
  logOut: () => remove('/session'),
  checkSetupLink: (token: string) => post<SetupLink>('/setup/check', { token }),
  setUp: (input: { token: string; email: string; password: string; name?: string; timeZone: string }) =>
    post<Session>('/setup', input),
  resendVerification: () => post('/session/verification'),

  overview: () => get<Overview>('/overview'),
  dismissAlert: (id: number) => post(`/alerts/${id}/dismiss`),

  languages: async () =>
    (await get<{ languages: readonly { readonly tag: string; readonly name: string }[] }>('/languages')).languages,
  newsletters: async () => (await get<{ newsletters: readonly Newsletter[] }>('/newsletters')).newsletters,
  newsletter: (id: number) => get<Newsletter>(`/newsletters/${id}`),
  createNewsletter: (input: { name: string; description?: string; timeZone?: string }) =>
    post<Newsletter>('/newsletters', input),
  updateNewsletter: (id: number, changes: Readonly<Record<string, unknown>>) =>
    patch<Newsletter>(`/newsletters/${id}`, changes),
  replaceSections: (id: number, sections: readonly SectionDraft[]) =>
    put<{ readonly lostBy: ReadersWhoLost }>(`/newsletters/${id}/sections`, { sections }),
  signupCode: (id: number, locale: string | undefined) => get<SignupCode>(`/newsletters/${id}/signup-code`, { locale }),
  signupOrigins: async () =>
    (await get<{ origins: readonly SignupOrigin[] }>('/signup-origins')).origins.map(({ origin }) => origin),
  replaceSignupOrigins: (origins: readonly string[]) => put<unknown>('/signup-origins', { origins }),
  proofreaders: async (id: number) =>
    (await get<{ proofreaders: readonly { address: string; addedAt: string }[] }>(`/newsletters/${id}/proofreaders`))
      .proofreaders,
  addProofreader: (id: number, address: string) => post<unknown>(`/newsletters/${id}/proofreaders`, { address }),
  removeProofreader: (id: number, address: string) => remove(`/newsletters/${id}/proofreaders`, { address }),

  feeds: async (newsletterId: number) =>
    (await get<{ feeds: readonly Feed[] }>(`/newsletters/${newsletterId}/feeds`)).feeds,
  addFeed: (newsletterId: number, input: { url: string; sectionId: number }) =>
    post<AddedFeed>(`/newsletters/${newsletterId}/feeds`, input),
  removeFeed: (id: number) => remove(`/feeds/${id}`),
  pollFeed: (id: number) => post<unknown>(`/feeds/${id}/poll`),
  changeFeed: (id: number, changes: { sectionId?: number; weight?: number }) => patch<Feed>(`/feeds/${id}`, changes),
  feedPolls: async (id: number) => (await get<{ polls: readonly FeedPoll[] }>(`/feeds/${id}/polls`)).polls,

  articles: (newsletterId: number, query: { q: string; state: string; section: string; cursor: number | undefined }) =>
    get<ArticlePage>(`/newsletters/${newsletterId}/articles`, query),
  addArticle: (newsletterId: number, draft: ArticleDraft & { url: string }) =>
    post<Article>(`/newsletters/${newsletterId}/articles`, draft),
  changeArticle: (id: number, changes: Partial<ArticleDraft> & { isPinned?: boolean; isEligible?: boolean }) =>
    patch<Article>(`/articles/${id}`, changes),
  removeArticle: (id: number) => remove(`/articles/${id}`),
  categoryRules: async (newsletterId: number) =>
    (await get<{ rules: readonly CategoryRule[] }>(`/newsletters/${newsletterId}/category-rules`)).rules,
  replaceCategoryRules: (newsletterId: number, rules: readonly CategoryRule[]) =>
    put<{ rules: readonly CategoryRule[]; movedCount: number }>(`/newsletters/${newsletterId}/category-rules`, {
      rules,
    }),

  digestRules: (id: number) => get<DigestRules>(`/newsletters/${id}/digest-rules`),
  changeDigestRules: (id: number, changes: Partial<DigestRules>) =>
    patch<DigestRules>(`/newsletters/${id}/digest-rules`, changes),
  brand: (id: number) => get<Brand>(`/newsletters/${id}/brand`),
  changeBrand: (id: number, changes: Partial<Brand>) => patch<Brand>(`/newsletters/${id}/brand`, changes),

  issues: async (newsletterId: number) =>
    (await get<{ issues: readonly Issue[] }>(`/newsletters/${newsletterId}/issues`)).issues,
  nextIssue: (newsletterId: number) => get<NextIssue>(`/newsletters/${newsletterId}/next-issue`),
  sendExtraIssue: (newsletterId: number) => post<unknown>(`/newsletters/${newsletterId}/issues`),
  issue: (id: number) => get<IssueDetail>(`/issues/${id}`),
  editIssue: (id: number, changes: IssueChanges) => patch<unknown>(`/issues/${id}`, changes),
  issueCandidates: async (id: number, q: string) =>
    (await get<{ articles: readonly Candidate[] }>(`/issues/${id}/candidates`, { q })).articles,
  previewIssue: (id: number, changes: IssueChanges) => post<IssuePreview>(`/issues/${id}/preview`, changes),
  previewLook: (newsletterId: number, look: Partial<Look>) =>
    post<LookPreview>(`/newsletters/${newsletterId}/look-preview`, look),
  /** Only as it was seen. */
  approveIssue: (id: number, approval: { readonly revision: number; readonly when: 'at_time' | 'now' }) =>
    post<unknown>(`/issues/${id}/approve`, approval),
  withdrawIssue: (id: number) => post<unknown>(`/issues/${id}/withdraw`),
  dropIssue: (id: number) => post<unknown>(`/issues/${id}/drop`),

  subscribers: (query: { q: string; status: string; newsletterId: string; cursor: string | undefined }) =>
    get<{ subscribers: readonly Subscriber[]; nextCursor: string | number | null; total: number }>(
      '/subscribers',
      query,
    ),
  subscriber: (id: number) => get<SubscriberStory>(`/subscribers/${id}`),
  unsubscribe: (id: number, newsletterId?: number) =>
    post(`/subscribers/${id}/unsubscribe`, newsletterId === undefined ? {} : { newsletterId }),
  suppress: (id: number) => post(`/subscribers/${id}/suppress`),
  eraseSubscriber: (id: number) => remove(`/subscribers/${id}`),

  suppressions: (query: { reason: string; cursor: string | undefined }) =>
    get<{ suppressions: readonly Suppression[]; nextCursor: number | null }>('/suppressions', query),
  searchSuppressions: async (email: string) =>
    (await post<{ suppressions: readonly Suppression[] }>('/suppressions/search', { email })).suppressions,
  suppressAddress: (email: string) => post('/suppressions', { email }),
  liftSuppression: (id: number, why: string) => post(`/suppressions/${id}/lift`, { why }),

  campaigns: (cursor: string | undefined) =>
    get<{ campaigns: readonly CampaignSummary[]; nextCursor: string | number | null }>('/campaigns', { cursor }),
  campaign: (id: number) => get<Campaign>(`/campaigns/${id}`),
  createCampaign: (draft: CampaignDraft) => post<Campaign>('/campaigns', draft),
  updateCampaign: (id: number, draft: CampaignDraft) => patch<Campaign>(`/campaigns/${id}`, draft),
  deleteCampaign: (id: number) => remove(`/campaigns/${id}`),
  previewCampaign: (draft: CampaignDraft & { reader: 'named' | 'nameless' }) =>
    post<CampaignPreview>('/campaigns/preview', draft),
  missingMergeData: (id: number) => get<MissingMergeData>(`/campaigns/${id}/missing-merge-data`),
  audience: (id: number) => get<{ count: number }>(`/campaigns/${id}/audience`),
  testCampaign: (id: number, to: string) => post<unknown>(`/campaigns/${id}/test`, { to }),
  sendCampaign: (
    id: number,
    input: {
      expectedCount: number;
      at?: string;
      localTime: boolean;
      window: string | null;
      ambiguousPolicy: AmbiguousPolicy;
    },
  ) => post<Campaign>(`/campaigns/${id}/send`, input),
  steerCampaign: (id: number, action: 'undo' | 'pause' | 'resume' | 'cancel') =>
    post<unknown>(`/campaigns/${id}/${action}`),
  recipients: (id: number, query: { state: string; q: string; cursor: number | undefined }) =>
    get<{ deliveries: readonly Recipient[]; nextCursor: number | null }>(`/campaigns/${id}/deliveries`, query),
  recipientStory: (id: number, deliveryId: number) => get<RecipientStory>(`/campaigns/${id}/deliveries/${deliveryId}`),
  countFailed: async (id: number) => (await get<{ count: number }>(`/campaigns/${id}/retry`)).count,
  retryFailed: (id: number) => post<{ retried: number }>(`/campaigns/${id}/retry`),
  ambiguous: (id: number, cursor: number | undefined) =>
    get<{ deliveries: readonly (Recipient & { messageId: string | null })[]; nextCursor: number | null }>(
      `/campaigns/${id}/ambiguous`,
      { cursor },
    ),
  resolveAmbiguous: (id: number, order: { resolution: Resolution; deliveryIds?: readonly number[]; all?: true }) =>
    post<{ resolved: number }>(`/campaigns/${id}/resolve`, order),

  sending: () => get<Sending>('/sending'),
  steerSending: (action: 'stop' | 'resume' | 'release') => post<Sending>(`/sending/${action}`),

  legalDocuments: async () => (await get<{ documents: readonly LegalDocument[] }>('/legal-documents')).documents,
  legalDocument: (id: number) => get<LegalDocument & { markdown: string; html: string }>(`/legal-documents/${id}`),
  withdrawLegalDocument: (id: number) => post<LegalDocument>(`/legal-documents/${id}/withdraw`),
  legalDrafts: async () => (await get<{ drafts: readonly LegalDraft[] }>('/legal-drafts')).drafts,
  previewLegalText: (text: LegalText) => post<{ html: string }>('/legal-drafts/preview', text),
  saveLegalDraft: ({ kind, locale, ...draft }: LegalText & { revision: number | null }) =>
    put<LegalDraft>(`/legal-drafts/${kind}/${locale}`, draft),
  deleteLegalDraft: ({ kind, locale, revision }: LegalDraft) =>
    remove(`/legal-drafts/${kind}/${locale}?revision=${revision}`),
  publishLegalDraft: (
    { kind, locale, revision }: LegalDraft,
    order: { readonly change: LegalChange; readonly from?: string },
  ) => post<LegalDocument>(`/legal-drafts/${kind}/${locale}/publish`, { revision, ...order }),
  legalAcceptanceCounts: async () =>
    (await get<{ versions: readonly { documentId: number; count: number }[] }>('/legal-acceptances')).versions,
  legalAcceptances: (id: number, cursor: number | undefined) =>
    get<LegalAcceptances>(`/legal-documents/${id}/acceptances`, { cursor }),

  tokens: async () => (await get<{ tokens: readonly ApiToken[] }>('/tokens')).tokens,
  createToken: (input: { name: string; scopes: readonly string[]; expiresInDays: number }) =>
    post<ApiToken & { secret: string }>('/tokens', input),
  revokeToken: (id: number) => remove(`/tokens/${id}`),
  audit: (cursor: number | undefined) =>
    get<{ entries: readonly AuditEntry[]; nextCursor: number | null }>('/audit', { cursor }),
};
