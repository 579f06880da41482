import type { Deps } from '../src/compose.ts';
import { newsletterVariantOf, requireNewsletter } from '../src/newsletters/index.ts';
import { composeMessage } from '../src/platform/smtp/index.ts';
import { compileMail, renderForReader } from '../src/rendering/index.ts';

export const CAMPAIGN_SUBJECT = 'What the week was about';

const PARAGRAPH =
  'The council met on Tuesday evening and, after three hours in which nearly everybody spoke and hardly anybody listened, ' +
  'put the decision off until spring. [The minutes](https://www.example.org/minutes) run to forty pages; the part that ' +
  'matters, {{ subscriber.name | default: "dear reader" }}, is half a sentence on page *thirty-one*.';
/** Two sizes tell what a paragraph costs in HTML, text and quoted-printable together. */
const FEW = 5;
const MANY = 25;

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
  const parts = Array.from({ length: paragraphs }, (_, index) =>
    index % 4 === 0 ? `## Number ${index / 4 + 1} of the week\n\n${PARAGRAPH}` : PARAGRAPH,
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
  const token = 'x'.repeat(32);
  const links = {
    unsubscribe: `${deps.config.publicUrl}/unsubscribe/${token}`,
    preferences: `${deps.config.publicUrl}/preferences/${token}`,
  };
  const rendered = renderForReader(outcome.mail, { subscriber: { name: 'Robin Reader 1234' }, links });
  const message = await composeMessage({
    messageId: `<${token}@courant.example>`,
    date: deps.clock.now(),
    from: { name: newsletter.name, address: 'news@courant.example' },
    to: { address: 'reader-1234@readers.example' },
    subject: rendered.subject,
    html: rendered.html,
    text: rendered.text,
    autoSubmitted: 'auto-generated',
    precedence: 'bulk',
    listHeaders: {
      id: { phrase: newsletter.name, host: `${newsletter.slug}.courant.example` },
      unsubscribeUrl: links.unsubscribe,
      owner: 'mailto:news@courant.example',
    },
  });
  return message.length;
}
