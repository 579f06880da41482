import { AppError } from '../shared/app-error.ts';
import { directionOf } from '../i18n/index.ts';
import { escapeHtml } from '../shared/escape-html.ts';
import { cleanLine } from './clean-text.ts';
import type { CompileOutcome } from './compile-outcome.ts';
import { compileMjml } from './compile-mjml.ts';
import { completeMjml } from './complete-mjml.ts';
import { createTemplateFiller } from './fill-template.ts';
import type { TemplateFiller, TemplateScope } from './fill-template.ts';
import { DIGEST_DENSITIES, describeDigest, layOutDigest } from './lay-out-digest.ts';
import { checkNesting } from './logic/check-nesting.ts';
import type { LogicRenderer } from './logic/render-logic.ts';
import { tryLogic, writeLogic } from './logic/try-logic.ts';
import type { MailTemplates } from './mail-templates.ts';
import { createMarks } from './marks.ts';
import type { Marks } from './marks.ts';
import { READER_LINKS } from './merge-fields.ts';
import { tidyText, toPlainText } from './plain-text.ts';
import { prepareCampaign } from './prepare-campaign.ts';
import type { CampaignVariant, PreparedCampaign } from './prepare-campaign.ts';
import type { MailProblem } from './problems.ts';
import type { CompiledMail, LogicPart, Segment } from './segments.ts';
import type { CleanMailInput } from './variant.ts';

/** R14: Gmail clips at 102 kB and some phones earlier; a reader's own links take their share. */
const MAX_HTML_BYTES = 90_000;
const SLOT_BYTES = 200;

interface Building {
  readonly marks: Marks;
  readonly filler: TemplateFiller;
  readonly renderer: LogicRenderer;
}

interface Parts {
  readonly subject: string;
  readonly preheader: string;
  readonly html: string;
  readonly text: string;
}

/** The work of `compileMail`, kept apart because it loads MJML, Markdown and the HTML parsers. */
export async function buildMail(
  templates: MailTemplates,
  input: CleanMailInput,
  inputHash: string,
): Promise<CompileOutcome> {
  const building = {
    marks: createMarks(inputHash.slice(0, 16)),
    filler: createTemplateFiller(templates.files),
    renderer: templates.logic,
  };
  switch (input.template) {
    case 'campaign':
      return buildCampaign(building, input.variant);
    case 'digest':
      return buildDigest(building, input.variant);
    case 'confirm':
    case 'already-subscribed':
    case 'welcome':
    case 'verify-admin':
    case 'preference-link':
    case 'address-agree':
    case 'address-confirm':
    case 'address-taken':
      return finish(building, input.template, await fillParts(building, input, {}));
    default:
      return input satisfies never;
  }
}

async function buildCampaign(building: Building, variant: CampaignVariant): Promise<CompileOutcome> {
  const prepared = prepareCampaign(building.marks, variant);
  if (prepared.problems.length > 0) {
    return { ok: false, problems: prepared.problems };
  }
  const { subject, preheader, body } = prepared;
  const writeText = (html: string): string => building.marks.withShortTags(html, toPlainText);
  const own = { campaign: { subject, preheader, bodyHtml: body.source, bodyText: writeText(body.source) } };
  const input = { template: 'campaign' as const, variant };
  if (body.kind === 'html') {
    return finishWithLogic(building, prepared, variant, await fillParts(building, input, own));
  }
  const scope = scopeOf(building.marks, input, own, preheader);
  const completed = await completeMjml(building, prepared, variant, scope);
  const compiled = await compileMjml(completed.source);
  if (!compiled.ok) {
    return { ok: false, problems: prepared.toAuthorLines(compiled.problems) };
  }
  const footer = completed.needsFooter ? await building.filler.fillText('partials/footer.liquid', scope) : '';
  const text = `${writeText(compiled.html)}\n\n${footer}`;
  return finishWithLogic(building, prepared, variant, { subject, preheader, html: compiled.html, text });
}

/** A campaign whose logic is tried before anybody sends it. */
async function finishWithLogic(
  building: Building,
  prepared: PreparedCampaign,
  variant: CampaignVariant,
  parts: Parts,
): Promise<CompileOutcome> {
  const { marks, renderer } = building;
  const misplaced = checkNesting(marks, parts.html, parts.text);
  if (misplaced.length > 0) {
    return { ok: false, problems: misplaced };
  }
  const outcome = finish(building, 'campaign', parts);
  const logic = writeLogic(marks.logic, prepared.facts, variant.newsletter.locale);
  if (!outcome.ok || logic === undefined) {
    return outcome;
  }
  const mail = { ...outcome.mail, logic };
  const problems = await tryLogic(renderer, marks.logic, mail);
  return problems.length > 0 ? { ok: false, problems } : { ...outcome, mail };
}

/** An issue must go out, so one that is too heavy loses its images first and its summaries next. */
async function buildDigest(
  building: Building,
  variant: Extract<CleanMailInput, { template: 'digest' }>['variant'],
): Promise<CompileOutcome> {
  const input = { template: 'digest' as const, variant };
  let outcome: CompileOutcome | undefined;
  for (const density of DIGEST_DENSITIES) {
    const own = { digest: layOutDigest(variant, density), preheader: variant.preheader ?? describeDigest(variant) };
    outcome = finish(building, 'digest', await fillParts(building, input, own));
    if (outcome.ok && outcome.warnings.length === 0) {
      break;
    }
  }
  return outcome ?? { ok: false, problems: [] };
}

/** Fills a template of ours. What is wrong with it then is our fault, never the data's. */
async function fillParts(building: Building, input: CleanMailInput, own: TemplateScope): Promise<Parts> {
  const { filler, marks } = building;
  const folder = input.template;
  const plain = scopeOf(marks, input, own, '');
  const preheader = await filler.fillText(`${folder}/preheader.txt`, plain);
  const mjml = await filler.fillMarkup(`${folder}/template.mjml`, scopeOf(marks, input, own, preheader.trim()));
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

function scopeOf(marks: Marks, input: CleanMailInput, own: TemplateScope, preheader: string): TemplateScope {
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
  const brand = isForSeveral ? input.variant.newsletter.fromName : sender.name;
  const links = READER_LINKS.map((link) => [link, marks.slot(`links.${link}`, null)]);
  return {
    ...input.variant,
    ...own,
    locale,
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

function finish(building: Building, template: CompiledMail['template'], parts: Parts): CompileOutcome {
  const asIs = (text: string): string => text;
  const { marks } = building;
  const html = marks.split(parts.html, 'html', escapeHtml);
  const bytes = measure(html, marks.logic.parts);
  const warnings: MailProblem[] =
    bytes <= MAX_HTML_BYTES
      ? []
      : [
          {
            code: 'mail_too_large',
            where: 'body',
            message: `the mail is ${Math.ceil(bytes / 1000)} kB; above 90 kB mailbox providers cut its end off`,
          },
        ];
  const line = (source: string): Segment[] => marks.split(cleanLine(source, Infinity), 'text', asIs);
  return {
    ok: true,
    warnings,
    mail: {
      template,
      subject: line(parts.subject),
      preheader: line(parts.preheader),
      html,
      text: marks.split(tidyText(parts.text), 'text', asIs),
    },
  };
}

/** Of branches the heaviest arm counts. */
function measure(segments: readonly Segment[], parts: readonly LogicPart[]): number {
  return segments.reduce((sum, segment) => {
    if (typeof segment === 'string') {
      return sum + Buffer.byteLength(segment);
    }
    const part = 'logic' in segment ? parts[segment.logic] : undefined;
    const isBranch = part?.kind === 'branch';
    return sum + (isBranch ? Math.max(0, ...part.arms.map((arm) => measure(arm, parts))) : SLOT_BYTES);
  }, 0);
}
