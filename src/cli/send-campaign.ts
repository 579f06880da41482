import type { StartTime } from '../campaigns/index.ts';
import type { Deps } from '../compose.ts';
import { CLI_ACTOR } from '../shared/actor.ts';
import { AppError } from '../shared/app-error.ts';
import type { CampaignId } from '../shared/ids.ts';
import type { Output } from './output.ts';
import type { Terminal } from './terminal.ts';

export interface SendOptions {
  readonly at?: Date;
  readonly immediately?: true;
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
  output.note(`Newsletter: ${campaign.newsletterName}`);
  output.note(`Recipients: ${expectedCount}`);
  output.note(`Subject: ${campaign.subject}`);
  if (terminal.canAsk && options.yes !== true) {
    const answer = await terminal.ask(`Send to ${expectedCount}? [y/N] `);
    if (!/^y(?:es)?$/i.test(answer.trim())) {
      throw new AppError('conflict', 'not_confirmed', 'nothing was sent');
    }
  }
  const sent = await sendCampaign(deps, { id, actor: CLI_ACTOR }, { expectedCount, start });
  const { source: _source, ...facts } = sent;
  output.result([], facts);
  output.note(start.kind === 'immediately' ? 'It starts now.' : `It starts at ${sent.startAt?.toISOString() ?? ''}.`);
  output.note(
    start.kind === 'immediately'
      ? `Stop it with: npm run -s courant -- campaign cancel ${id}`
      : `Take it back before that with: npm run -s courant -- campaign undo ${id}`,
  );
}

function toStartTime({ at, immediately }: SendOptions): StartTime {
  if (at === undefined) {
    return { kind: immediately === true ? 'immediately' : 'after-undo-time' };
  }
  if (immediately === true) {
    throw new AppError('input', 'start_ambiguous', 'choose either --at or --immediately');
  }
  return { kind: 'at', at };
}
