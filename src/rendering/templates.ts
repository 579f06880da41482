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
] as const;
export type TemplateName = (typeof TEMPLATES)[number];
