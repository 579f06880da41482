/** Every mail that Courant writes; each is a folder below emails/. */
export const TEMPLATES = [
  'confirm',
  'already-subscribed',
  'welcome',
  'digest',
  'campaign',
  'verify-admin',
  'preference-link',
  'address-agree',
  'address-confirm',
  'address-taken',
  'issue-alert',
  'issue-waiting',
] as const;
export type TemplateName = (typeof TEMPLATES)[number];
