import { escapeHtml } from '../shared/escape-html.ts';
import { joinLines } from './clean-text.ts';
import type { TemplateFiller, TemplateScope } from './fill-template.ts';
import type { Marks } from './marks.ts';
import type { CampaignVariant, PreparedCampaign } from './prepare-campaign.ts';

interface CompletionDeps {
  readonly marks: Marks;
  readonly filler: TemplateFiller;
}

export interface CompletedMjml {
  readonly source: string;
  /** True if the standard footer was added, which the text part then needs too. */
  readonly needsFooter: boolean;
}

/**
 * Gives an author's own MJML document what every campaign needs and it may lack: language and direction, a title, the
 * preheader, and the standard footer unless it has an unsubscribe link and the postal address itself. Adds within lines
 * only, so that the lines of MJML's findings stay the author's.
 */
export async function completeMjml(
  deps: CompletionDeps,
  prepared: PreparedCampaign,
  variant: CampaignVariant,
  scope: TemplateScope,
): Promise<CompletedMjml> {
  const { newsletter } = variant;
  const needsFooter = !hasOwnFooter(deps.marks, prepared.body.source, joinLines(newsletter.postalAddress));
  const footer = needsFooter ? await deps.filler.fillMarkup('partials/author-footer.mjml', scope) : '';
  const withFooter = prepared.body.source.replace(/<\/mj-body\s*>/i, (end) => footer.replaceAll('\n', ' ') + end);
  const withHead = addToHead(withFooter, [
    /<mj-title\b/i.test(withFooter) ? '' : `<mj-title>${escapeHtml(newsletter.name)}</mj-title>`,
    prepared.preheader === '' || /<mj-preview\b/i.test(withFooter)
      ? ''
      : `<mj-preview>${escapeHtml(prepared.preheader)}</mj-preview>`,
  ]);
  const source = withHead.replace(/<mjml\b([^>]*)>/i, (_root, attributes: string) => {
    const lang = /\blang\s*=/i.test(attributes) ? '' : ` lang="${newsletter.locale}"`;
    const dir = /\bdir\s*=/i.test(attributes) ? '' : ` dir="${newsletter.dir}"`;
    return `<mjml${lang}${dir}${attributes}>`;
  });
  return { source, needsFooter };
}

function hasOwnFooter(marks: Marks, source: string, postalAddress: string): boolean {
  const hasAddress = postalAddress === '' || marks.hasLiteral(source, postalAddress);
  return hasAddress && marks.has(source, 'links.unsubscribe');
}

function addToHead(source: string, elements: readonly string[]): string {
  const added = elements.join('');
  if (/<mj-head\s*>/i.test(source)) {
    return source.replace(/<mj-head\s*>/i, (head) => head + added);
  }
  return source.replace(/<mjml\b[^>]*>/i, (root) => `${root}<mj-head>${added}</mj-head>`);
}
