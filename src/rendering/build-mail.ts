import { buildDigest } from './build-digest.ts';
import type { CompileOutcome } from './compile-outcome.ts';
import { compileMjml } from './compile-mjml.ts';
import { completeMjml } from './complete-mjml.ts';
import { fillParts, scopeOf } from './fill-parts.ts';
import type { Building, Parts } from './fill-parts.ts';
import { createTemplateFiller } from './fill-template.ts';
import { finishMail, judgeMail } from './finish-mail.ts';
import { checkNesting } from './logic/check-nesting.ts';
import { tryLogic, writeLogic } from './logic/try-logic.ts';
import type { MailTemplates } from './mail-templates.ts';
import { createMarks } from './marks.ts';
import { toPlainText } from './plain-text.ts';
import { prepareCampaign } from './prepare-campaign.ts';
import type { CampaignVariant, PreparedCampaign } from './prepare-campaign.ts';
import type { TemplateName } from './templates.ts';
import type { CleanMailInput } from './variant.ts';

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
    case 'issue-alert':
    case 'issue-waiting':
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
  const own = {
    campaign: { subject, preheader, bodyHtml: body.source, bodyText: writeText(body.source) },
    hasHeading: /<h1\b/.test(body.source),
  };
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

function finish(building: Building, template: TemplateName, parts: Parts): CompileOutcome {
  return judgeMail(building, template, parts, finishMail(building, template, parts));
}
