import type { Deps } from '../src/compose.ts';
import { newsletterVariantOf, requireNewsletter } from '../src/newsletters/index.ts';
import { compileMail, prepareMessage, writeMessage } from '../src/rendering/index.ts';

export const CAMPAIGN_SUBJECT = 'What the week was about';

const PLAIN =
  'The council met on Tuesday evening and, after three hours in which nearly everybody spoke and hardly anybody listened, ' +
  'put the decision off until spring. The minutes run to forty pages; the part that matters is half a sentence on page *thirty-one*.';
const WITH_LINK =
  'The council met on Tuesday evening and put the decision off until spring. [The minutes](https://www.example.org/minutes) run to ' +
  'forty pages; the part that matters is half a sentence on page *thirty-one*.';
const WITH_NAME =
  'And you, {{ subscriber.name | default: "dear reader" }}, may ask why it took them three hours to say so.';
/** Beside those of the footer: ten links to articles; so many names that a reader's HTML is filled in twelve places. */
const LINKS = 10;
const NAMES = 8;
export const SLOTS = 12;
/** Two sizes tell what a paragraph costs in HTML, text and quoted-printable together. */
const FEW = 12;
const MANY = 32;

export interface BenchCampaign {
  /** Markdown. */
  readonly source: string;
  /** Of one reader's mail as it leaves. */
  readonly bytes: number;
}

/** A campaign like a newspaper's whose mails have about that many bytes. */
export async function buildCampaign(deps: Deps, bytes: number): Promise<BenchCampaign> {
  const few = await measureMail(deps, writeMarkdown(FEW));
  const many = await measureMail(deps, writeMarkdown(MANY));
  const perParagraph = (many - few) / (MANY - FEW);
  const source = writeMarkdown(Math.max(Math.round(FEW + (bytes - few) / perParagraph), 1));
  return { source, bytes: await measureMail(deps, source) };
}

function writeMarkdown(paragraphs: number): string {
  const parts = Array.from({ length: Math.max(paragraphs, LINKS) }, (_, index) =>
    [
      index % 4 === 0 ? `## Number ${index / 4 + 1} of the week\n\n` : '',
      index < LINKS ? WITH_LINK : PLAIN,
      index < NAMES ? ` ${WITH_NAME}` : '',
    ].join(''),
  );
  return `Hello {{ subscriber.name | default: "reader" }},\n\n${parts.join('\n\n')}\n`;
}

async function measureMail(deps: Deps, source: string): Promise<number> {
  const newsletter = await requireNewsletter(deps.db, { slug: 'the-weekly' });
  const campaign = { subject: CAMPAIGN_SUBJECT, format: 'markdown', source } as const;
  const variant = { newsletter: newsletterVariantOf(newsletter, deps.config), campaign };
  const outcome = await compileMail(deps, { template: 'campaign', variant });
  if (!outcome.ok) {
    throw new Error(`the campaign cannot be made: ${JSON.stringify(outcome.problems)}`);
  }
  const slots = outcome.mail.html.filter((part) => typeof part !== 'string').length;
  if (slots !== SLOTS) {
    throw new Error(`the campaign has ${slots} slots instead of ${SLOTS}`);
  }
  const token = 'x'.repeat(32);
  const links = {
    unsubscribe: `${deps.config.publicUrl}/unsubscribe/${token}`,
    preferences: `${deps.config.publicUrl}/preferences/${token}`,
  };
  const head = {
    fromName: newsletter.name,
    fromAddress: 'news@courant.example',
    replyTo: null,
    list: { name: newsletter.name, slug: newsletter.slug },
    archiveUrl: `${deps.config.publicUrl}/archive/${newsletter.slug}`,
  };
  const { bytes } = writeMessage(prepareMessage({ head, compiled: outcome.mail }), {
    messageId: `<${token}@courant.example>`,
    date: deps.clock.now(),
    to: 'reader-1234@readers.example',
    values: (field) =>
      field === 'subscriber.name'
        ? 'Robin Reader 1234'
        : field === 'links.preferences'
          ? links.preferences
          : links.unsubscribe,
    list: {
      unsubscribeUrl: links.unsubscribe,
      helpUrl: links.preferences,
      feedbackId: `1:${newsletter.slug}:campaign:courant`,
    },
  });
  return bytes.length;
}
