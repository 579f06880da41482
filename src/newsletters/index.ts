export { selectBrand } from './brand.repository.ts';
export { computeNextRun, isTimeZone } from './cadence.ts';
export { createNewsletter, seedFirstNewsletter } from './create-newsletter.ts';
export { describeCadence, phraseCadence } from './describe-cadence.ts';
export { FREQUENCIES } from './digest-rules.ts';
export type { DigestRules, Frequency } from './digest-rules.ts';
export { selectDigestRules, takeNextIntro } from './digest-rules.repository.ts';
export { brandChangesSchema, digestRulesChangesSchema } from './digest-settings-input.ts';
export { requireNewsletter } from './find-newsletter.ts';
export { mailHeadOf, newsletterVariantOf } from './mail-identity.ts';
export { newNewsletterSchema, sendWindowSchema } from './newsletter-input.ts';
export { effectiveIdentity } from './newsletter.ts';
export type { Newsletter, Section } from './newsletter.ts';
export {
  selectNewsletter as findNewsletter,
  selectNewsletters as listNewsletters,
  selectProofreaders as listProofreaders,
} from './newsletters.repository.ts';
export { newslettersRoutes } from './newsletters.routes.ts';
export { listSlowerFrequencies } from './slower-frequencies.ts';
export { setDefaultZone, updateNewsletter } from './update-newsletter.ts';
