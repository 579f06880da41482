import type { Config } from '../config/index.ts';
import type { MailHead } from '../deliveries/index.ts';
import { directionOf } from '../i18n/index.ts';
import type { NewsletterVariant } from '../rendering/index.ts';
import type { Brand } from './brand.ts';
import { effectiveIdentity } from './newsletter.ts';
import type { Newsletter } from './newsletter.ts';

type MailConfig = Pick<Config, 'mailFrom' | 'postalAddress' | 'publicUrl'>;

/** The newsletter as its mails show it. */
export function newsletterVariantOf(newsletter: Newsletter, config: MailConfig): NewsletterVariant {
  const identity = effectiveIdentity(newsletter, config);
  return {
    name: newsletter.name,
    slug: newsletter.slug,
    locale: newsletter.locale,
    dir: directionOf(newsletter.locale),
    description: newsletter.description,
    homeUrl: `${config.publicUrl}/`,
    archiveUrl: archiveUrlOf(newsletter, config),
    postalAddress: identity.postalAddress ?? '',
    ...(identity.imprintUrl === null ? {} : { imprintUrl: identity.imprintUrl }),
    fromName: identity.fromName,
    brand: brandVariantOf(newsletter.brand),
  };
}

function brandVariantOf(brand: Brand): NonNullable<NewsletterVariant['brand']> {
  const { logoUrl, logoAlt, logoWidth, accentColor, backgroundColor, font, footerText } = brand;
  return {
    font,
    logoAlt,
    ...(logoUrl === null ? {} : { logoUrl }),
    ...(logoWidth === null ? {} : { logoWidth }),
    ...(accentColor === null ? {} : { accentColor }),
    ...(backgroundColor === null ? {} : { backgroundColor }),
    ...(footerText === null ? {} : { footerText }),
  };
}

/**
 * The head that is frozen with a compiled mail. `list` mail (campaign, issue, welcome) gets List-Id and the unsubscribe
 * headers; transactional mail does not.
 */
export function mailHeadOf(newsletter: Newsletter, config: MailConfig, mail: 'list' | 'transactional'): MailHead {
  const identity = effectiveIdentity(newsletter, config);
  return {
    fromName: identity.fromName,
    fromAddress: identity.fromAddress,
    replyTo: identity.replyTo,
    list: mail === 'list' ? { name: newsletter.name, slug: newsletter.slug } : null,
    archiveUrl: mail === 'list' ? archiveUrlOf(newsletter, config) : null,
  };
}

function archiveUrlOf(newsletter: Newsletter, config: MailConfig): string {
  return `${config.publicUrl}/archive?newsletter=${newsletter.slug}`;
}
