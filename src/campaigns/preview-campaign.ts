import { requireNewsletter } from '../newsletters/index.ts';
import type { Db } from '../platform/postgres/index.ts';
import { renderForReader, renderLogic } from '../rendering/index.ts';
import type { ReaderData } from '../rendering/index.ts';
import { AppError } from '../shared/app-error.ts';
import type { PreviewInput } from './campaign-input.ts';
import { compileCampaign, describeProblem } from './compile-campaign.ts';
import type { CompileDeps } from './compile-campaign.ts';

export interface CampaignPreview {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** Of the HTML, in UTF-8; mailbox providers cut at about 100 kB. */
  readonly bytes: number;
  /** What hinders it (then there is no HTML) or is worth knowing. */
  readonly problems: readonly { readonly code: string; readonly line?: number; readonly message: string }[];
}

/** The mail as an example reader would get it. Stores nothing. */
export async function previewCampaign(
  deps: CompileDeps & { readonly db: Db },
  input: PreviewInput,
): Promise<CampaignPreview> {
  const newsletter = await requireNewsletter(deps.db, { id: input.newsletterId });
  // A mail without a subject cannot be compiled; the author may write it last.
  const text = { ...input, subject: input.subject === '' ? newsletter.name : input.subject };
  const outcome = await compileCampaign(deps, text, newsletter);
  const found = outcome.ok ? outcome.warnings : outcome.problems;
  const problems = found.map((problem) => ({
    code: problem.code,
    ...(problem.line === undefined ? {} : { line: problem.line }),
    message: problem.where === 'body' ? problem.message : `${problem.where}, ${describeProblem(problem)}`,
  }));
  if (!outcome.ok) {
    return { subject: input.subject, html: '', text: '', bytes: 0, problems };
  }
  const example = exampleReader(deps.config.publicUrl, input.reader);
  const [way] = await renderLogic(deps.mailTemplates.logic, outcome.mail, [example.subscriber]);
  if (way?.ok !== true) {
    throw new AppError('render', 'logic_failed', `The logic of the mail fails: ${way?.message}`);
  }
  const { subject, html, text: plain } = renderForReader(way.mail, example, way.logic);
  return { subject, html, text: plain, bytes: Buffer.byteLength(html), problems };
}

/** Its links carry no token: they lead to the pages that answer unknown links. */
function exampleReader(publicUrl: string, kind: PreviewInput['reader']): ReaderData {
  return {
    subscriber: kind === 'named' ? { name: 'Ada Okafor' } : {},
    links: {
      unsubscribe: `${publicUrl}/unsubscribe/preview`,
      unsubscribeAll: `${publicUrl}/unsubscribe/preview?scope=all`,
      preferences: `${publicUrl}/preferences/preview`,
    },
  };
}
