import type { Config } from '../config/index.ts';
import { newsletterVariantOf } from '../newsletters/index.ts';
import type { Newsletter } from '../newsletters/index.ts';
import type { DigestContent, MailInput } from '../rendering/index.ts';
import { issueUrl } from './issue.ts';

/** What `compileMail` needs for an issue: laid out, coloured and tagged as the newsletter's settings say now. */
export function digestMailOf(
  newsletter: Newsletter,
  config: Pick<Config, 'mailFrom' | 'postalAddress' | 'publicUrl'>,
  issue: { readonly digest: DigestContent; readonly preheader: string | null },
): MailInput {
  const { layout, utm } = newsletter.digestLook;
  const campaign = `${newsletter.slug}-${issue.digest.number}`;
  return {
    template: 'digest',
    variant: {
      newsletter: newsletterVariantOf(newsletter, config),
      layout,
      digest: issue.digest,
      ...(issue.preheader === null ? {} : { preheader: issue.preheader }),
      ...(newsletter.isPublic ? { webViewUrl: webViewOf(newsletter, config, issue.digest) } : {}),
      ...(utm.source === null
        ? {}
        : { utm: { source: utm.source, medium: utm.medium ?? 'email', campaign, hosts: [...utm.hosts] } }),
    },
  };
}

/** What several issues brought together is in the archive, a page for each. */
function webViewOf(
  { slug }: Newsletter,
  { publicUrl }: Pick<Config, 'publicUrl'>,
  { number, issueCount = 1 }: DigestContent,
): string {
  return issueCount > 1 ? `${publicUrl}/archive/${slug}` : issueUrl(publicUrl, slug, number);
}
