import type { ArchivedNewsletter } from './archived-newsletter.ts';
import { brandStylesPath } from './brand-styles.ts';
import { feedPath } from './feed.ts';

/** What every page of a newsletter's archive has: its look, its feed, and whether search engines may list it. */
export function describeHead(newsletter: ArchivedNewsletter, publicUrl: string) {
  const { slug, name, locale, isIndexable, brand } = newsletter;
  return {
    publication: name,
    archiveUrl: `/archive/${slug}`,
    newsletterUrl: `/newsletters/${slug}`,
    feedUrl: publicUrl + feedPath(slug),
    stylesUrl: brandStylesPath(newsletter),
    logo: brand.logoUrl === null ? null : { url: brand.logoUrl, alt: brand.logoAlt || name, width: brand.logoWidth },
    isHidden: !isIndexable,
    ogLocale: ogLocaleOf(locale),
  };
}

/** Open Graph wants language and country with an underscore between. */
function ogLocaleOf(tag: string): string {
  const { language, region } = new Intl.Locale(tag).maximize();
  return region === undefined ? language : `${language}_${region}`;
}
