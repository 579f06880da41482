/** Every mail that Courant writes; each is a folder below emails/. */
export const TEMPLATES = ['confirm', 'already-subscribed', 'welcome', 'digest', 'campaign', 'verify-admin'] as const;
export type TemplateName = (typeof TEMPLATES)[number];
