import type { z } from 'zod';
import { brandChangesSchema, digestRulesChangesSchema } from '../newsletters/index.ts';
import type { Newsletter } from '../newsletters/index.ts';
import { readSampleMail, themeOf } from '../rendering/index.ts';
import { composeIssue } from './compose-issue.ts';
import type { IssueArticle, IssueContent } from './issue.ts';
import { renderIssue } from './preview-issue.ts';
import type { IssueMail, PreviewDeps } from './preview-issue.ts';
import { listIssues, selectIssue } from './issues.repository.ts';

/** Issues that were skipped or dropped show nothing. */
const LOOKED_BACK = 20;

/** What is being tried: what is left out is as it is saved. */
export const triedLookSchema = brandChangesSchema.extend({ layout: digestRulesChangesSchema.shape.layout });
export type TriedLook = z.output<typeof triedLookSchema>;

export interface LookPreview {
  /** Whose articles it shows: those of the next issue, of the last one, or made up. */
  readonly shows: 'next' | 'last' | 'sample';
  readonly mail: IssueMail;
  /** The accent colour as it was chosen, and as it can be read on light and dark; null: ours. */
  readonly accent: { readonly chosen: string; readonly light: string; readonly dark: string } | null;
}

/** An issue of the newsletter in a look that is not saved. Writes nothing. */
export async function previewLook(deps: PreviewDeps, newsletter: Newsletter, tried: TriedLook): Promise<LookPreview> {
  const { layout = newsletter.digestLook.layout, ...changes } = tried;
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  const brand: Newsletter['brand'] = { ...newsletter.brand, ...given };
  const dressed = { ...newsletter, brand, digestLook: { ...newsletter.digestLook, layout } };
  const { shows, content } = await findContent(deps, newsletter);
  const day = newsletter.nextRunAt ?? deps.clock.now();
  return { shows, mail: await renderIssue(deps, dressed, { content, number: 1, day }), accent: accentOf(dressed) };
}

async function findContent(
  { db, clock }: PreviewDeps,
  newsletter: Newsletter,
): Promise<{ readonly shows: LookPreview['shows']; readonly content: IssueContent }> {
  const now = clock.now();
  const { content } = await composeIssue(db, newsletter, { from: newsletter.cutoffAt, to: now, now });
  if (content !== undefined) {
    return { shows: 'next', content };
  }
  const last = (await listIssues(db, newsletter.id, LOOKED_BACK)).find(({ articleCount }) => articleCount > 0);
  const issue = last === undefined ? undefined : await selectIssue(db, last.id);
  return issue === undefined
    ? { shows: 'sample', content: sampleContent() }
    : { shows: 'last', content: issue.content };
}

function sampleContent(): IssueContent {
  const { input } = readSampleMail('digest');
  if (input.template !== 'digest') {
    throw new Error('the sample of a digest is none');
  }
  const { title, intro = '', sections } = input.variant.digest;
  return {
    title,
    intro,
    preheader: '',
    sections: sections.map(({ name, articles }) => ({ name, articles: articles.map(inWords) })),
  };
}

/** Without its picture: those of the sample are at addresses that do not exist. */
function inWords({ title, url, summaryText }: Pick<IssueArticle, 'title' | 'url' | 'summaryText'>): IssueArticle {
  return { title, url, summaryText };
}

function accentOf({ brand, name }: Newsletter): LookPreview['accent'] {
  const { accentColor: chosen, font } = brand;
  if (chosen === null) {
    return null;
  }
  const { accent, accentDark } = themeOf({ accentColor: chosen, font }, name);
  return { chosen, light: accent, dark: accentDark };
}
