import { AppError } from '../shared/app-error.ts';
import { directionOf } from '../i18n/index.ts';
import { compileMjml } from './compile-mjml.ts';
import type { TemplateFiller, TemplateScope } from './fill-template.ts';
import type { LogicRenderer } from './logic/render-logic.ts';
import type { Marks } from './marks.ts';
import { READER_LINKS } from './merge-fields.ts';
import { themeOf } from './theme.ts';
import type { CleanMailInput } from './variant.ts';

export interface Building {
  readonly marks: Marks;
  readonly filler: TemplateFiller;
  readonly renderer: LogicRenderer;
}

/** A mail whose reader's values are still marks. */
export interface Parts {
  readonly subject: string;
  readonly preheader: string;
  readonly html: string;
  readonly text: string;
}

/** Fills a template of ours. What is wrong with it then is our fault, never the data's. */
export async function fillParts(building: Building, input: CleanMailInput, own: TemplateScope): Promise<Parts> {
  const { filler, marks } = building;
  const folder = input.template;
  const layout = input.template === 'digest' && input.variant.layout === 'plain' ? 'plain' : 'template';
  const plain = scopeOf(marks, input, own, '');
  const preheader = await filler.fillText(`${folder}/preheader.txt`, plain);
  const mjml = await filler.fillMarkup(`${folder}/${layout}.mjml`, scopeOf(marks, input, own, preheader.trim()));
  const compiled = await compileMjml(mjml);
  if (!compiled.ok) {
    const first = compiled.problems[0];
    throw new AppError('render', 'template_broken', `emails/${folder}: line ${first?.line}: ${first?.message}`);
  }
  return {
    subject: await filler.fillText(`${folder}/subject.txt`, plain),
    preheader,
    html: compiled.html,
    text: await filler.fillText(`${folder}/text.liquid`, plain),
  };
}

/** What templates see, besides what is the mail's own. */
export function scopeOf(marks: Marks, input: CleanMailInput, own: TemplateScope, preheader: string): TemplateScope {
  const sender = 'site' in input.variant ? input.variant.site : input.variant.newsletter;
  // Our own letters are in the reader's language; issues and campaigns, and what stands around them, in the newsletter's.
  const locale = 'locale' in input.variant ? input.variant.locale : sender.locale;
  const dir = 'locale' in input.variant ? directionOf(locale) : sender.dir;
  const imprint =
    'site' in input.variant
      ? input.variant.site.name
      : writeSender(input.variant.newsletter.fromName, input.variant.newsletter.postalAddress);
  const isRightToLeft = dir === 'rtl';
  const isForSeveral = 'newsletterNames' in input.variant && input.variant.newsletterNames.length > 1;
  const letterBrand = 'site' in input.variant || isForSeveral ? undefined : input.variant.newsletter.brand;
  const brand = isForSeveral ? input.variant.newsletter.fromName : sender.name;
  const links = READER_LINKS.map((link) => [link, marks.slot(`links.${link}`, null)]);
  return {
    ...input.variant,
    ...own,
    locale,
    theme: themeOf(letterBrand, brand),
    links: Object.fromEntries(links),
    page: {
      lang: locale,
      dir,
      start: isRightToLeft ? 'right' : 'left',
      end: isRightToLeft ? 'left' : 'right',
      // Letters of joined scripts must not be pulled apart or pushed together.
      tight: isRightToLeft ? 'normal' : '-0.01em',
      loose: isRightToLeft ? 'normal' : '0.09em',
      brand,
      title: brand,
      // A page has one first heading: its own, or else the newsletter's name.
      mastheadIsHeading: own['hasHeading'] !== true,
      sender: imprint,
      preheader,
      // Without it an inbox goes on with the first words of the page, which are "Unsubscribe".
      previewFiller: '&#8199;&#847; '.repeat(50),
    },
  };
}

/** Many postal addresses begin with the sender's name already. */
function writeSender(fromName: string, postalAddress: string): string {
  return postalAddress.startsWith(fromName) ? postalAddress : `${fromName}\n${postalAddress}`.trim();
}
