import {
  compileMail,
  loadMailTemplates,
  readSampleMail,
  renderForReader,
  renderLogic,
} from '../../../src/rendering/index.ts';
import type {
  CompileOutcome,
  CompiledMail,
  MailInput,
  ReaderData,
  RenderedMail,
} from '../../../src/rendering/index.ts';

// Loaded before the first test, so that no test pays for it: MJML takes a second, several on a busy machine.
await import('../../../src/rendering/build-mail.ts');

type CampaignInput = Extract<MailInput, { template: 'campaign' }>;
type DigestInput = Extract<MailInput, { template: 'digest' }>;

const mailTemplates = loadMailTemplates();

export const reader: ReaderData = {
  subscriber: { name: 'Ada Okafor' },
  links: {
    unsubscribe: 'https://news.example.org/unsubscribe/TOKEN-U',
    preferences: 'https://news.example.org/preferences/TOKEN-P',
  },
};

export function campaignInput(campaign: Partial<CampaignInput['variant']['campaign']>): CampaignInput {
  const { input } = readSampleMail('campaign');
  if (input.template !== 'campaign') {
    throw new Error('the campaign sample is for another template');
  }
  const blank = { subject: 'Subject', format: 'markdown' as const, source: 'Text' };
  return { ...input, variant: { ...input.variant, campaign: { ...blank, ...campaign } } };
}

export function digestInput(digest: Partial<DigestInput['variant']['digest']>): DigestInput {
  const { input } = readSampleMail('digest');
  if (input.template !== 'digest') {
    throw new Error('the digest sample is for another template');
  }
  return { ...input, variant: { ...input.variant, digest: { ...input.variant.digest, ...digest } } };
}

export function compile(input: MailInput): Promise<CompileOutcome> {
  return compileMail({ mailTemplates }, input);
}

export async function compileOk(input: MailInput): Promise<CompiledMail> {
  const outcome = await compile(input);
  if (!outcome.ok) {
    throw new Error(JSON.stringify(outcome.problems));
  }
  return outcome.mail;
}

/** Compiled, stored as JSON, loaded again, rendered: the way every mail goes. */
export async function render(input: MailInput, to: ReaderData = reader): Promise<RenderedMail> {
  const stored = JSON.stringify(await compileOk(input));
  const [way] = await renderLogic(mailTemplates.logic, JSON.parse(stored) as CompiledMail, [to.subscriber]);
  if (way?.ok !== true) {
    throw new Error(`the logic fails: ${way?.message}`);
  }
  return renderForReader(way.mail, to, way.logic);
}
