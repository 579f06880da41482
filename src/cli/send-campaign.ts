import type { AmbiguousPolicy, Campaign, StartTime } from '../campaigns/index.ts';
import type { Deps } from '../compose.ts';
import { CLI_ACTOR } from '../shared/actor.ts';
import { AppError } from '../shared/app-error.ts';
import type { CampaignId } from '../shared/ids.ts';
import type { SendWindow } from '../shared/send-window.ts';
import { describeTiming } from './describe-campaign.ts';
import type { Output } from './output.ts';
import type { Terminal } from './terminal.ts';

export interface SendOptions {
  /** An instant, or without an offset what the readers' clocks show. */
  readonly at?: Date | string;
  readonly localTime?: true;
  readonly window?: SendWindow;
  readonly immediately?: true;
  readonly ambiguous?: AmbiguousPolicy;
  readonly yes?: true;
}

/**
 * Shows what goes to how many first. At a terminal it asks; a script has decided already, and without --immediately it has a
 * minute to undo.
 */
export async function sendFromTerminal(
  deps: Deps,
  io: { readonly terminal: Terminal; readonly output: Output },
  id: CampaignId,
  options: SendOptions,
): Promise<void> {
  const { countRecipients, requireCampaign, sendCampaign } = await import('../campaigns/index.ts');
  const start = toStartTime(options);
  const campaign = await requireCampaign(deps.db, id);
  const expectedCount = await countRecipients(deps.db, campaign, deps.clock.now());
  const { terminal, output } = io;
  await showMissing(deps, output, campaign);
  output.note(`Newsletter: ${campaign.newsletterName}`);
  output.note(`Recipients: ${expectedCount}`);
  output.note(`Subject: ${campaign.subject}`);
  if (terminal.canAsk && options.yes !== true) {
    const answer = await terminal.ask(`Send to ${expectedCount}? [y/N] `);
    if (!/^y(?:es)?$/i.test(answer.trim())) {
      throw new AppError('conflict', 'not_confirmed', 'nothing was sent');
    }
  }
  const sent = await sendCampaign(
    deps,
    { id, actor: CLI_ACTOR },
    {
      expectedCount,
      start,
      ambiguousPolicy: options.ambiguous,
      timing: { localTime: options.localTime === true, window: options.window ?? null },
    },
  );
  const { source: _source, ...facts } = sent;
  output.result([], facts);
  output.note(start.kind === 'immediately' ? 'It starts now.' : `It starts at ${sent.startAt?.toISOString() ?? ''}.`);
  describeTiming(sent).forEach((line) => output.note(line));
  output.note(
    start.kind === 'immediately'
      ? `Stop it with: npm run -s courant -- campaign cancel ${id}`
      : `Take it back before that with: npm run -s courant -- campaign undo ${id}`,
  );
}

const ADDRESSES_SHOWN = 5;

/** Before anything is asked: a campaign that leaves a hole in somebody's mail is refused, whatever is answered. */
async function showMissing(deps: Deps, output: Output, campaign: Campaign): Promise<void> {
  const { listMissingMergeData } = await import('../campaigns/index.ts');
  const { count, field, readers } = await listMissingMergeData(deps, campaign, {
    after: undefined,
    limit: ADDRESSES_SHOWN,
  });
  if (count === 0) {
    return;
  }
  const more = count > readers.length ? ` and ${count - readers.length} more` : '';
  output.note(`Without a name: ${readers.map(({ address }) => address).join(', ')}${more}`);
  throw new AppError(
    'conflict',
    'merge_data_missing',
    `nothing was sent: ${count} of the readers have no name, and the mail prints {{ ${field} }} without a default. Write {{ ${field} | default: "reader" }}, or put what prints it between {% if ${field} %} and {% endif %}. All of them: npm run -s courant -- campaign missing ${campaign.id}`,
    { details: { count, field } },
  );
}

function toStartTime({ at, immediately }: SendOptions): StartTime {
  if (at === undefined) {
    return { kind: immediately === true ? 'immediately' : 'after-undo-time' };
  }
  return typeof at === 'string' ? { kind: 'at-wall-clock', wall: at } : { kind: 'at', at };
}
