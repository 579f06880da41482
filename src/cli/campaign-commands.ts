import { extname } from 'node:path';
import { Option } from 'commander';
import type { Command } from 'commander';
import type { AmbiguousPolicy, CampaignProgress, Campaign } from '../campaigns/index.ts';
import type { Deps } from '../compose.ts';
import { CLI_ACTOR } from '../shared/actor.ts';
import { inputError } from '../shared/app-error.ts';
import type { ParsedAddress } from '../shared/email-address.ts';
import type { CampaignId } from '../shared/ids.ts';
import { addAmbiguousCommands } from './ambiguous-commands.ts';
import { toAddress, toCampaignId, toSendWindow, toStart } from './arguments.ts';
import type { CliContext } from './cli-context.ts';
import { addMissingCommand } from './missing-command.ts';
import type { Output } from './output.ts';
import { describeCampaign, describeMove } from './describe-campaign.ts';
import { readGivenText } from './read-given-file.ts';
import { addRecipientCommands } from './recipient-commands.ts';
import { sendFromTerminal } from './send-campaign.ts';
import type { SendOptions } from './send-campaign.ts';
import { watchCampaign } from './watch-campaign.ts';

interface CreateOptions {
  readonly newsletter: string;
  readonly subject: string;
  readonly preheader?: string;
  readonly ambiguous?: AmbiguousPolicy;
}

export function campaignCommands(program: Command, context: CliContext): void {
  const group = program.command('campaign').description('mails that somebody writes and sends');
  addWritingCommands(group, context);
  addSendingCommands(group, context);
  addRecipientCommands(group, context);
  addAmbiguousCommands(group, context);
  addMissingCommand(group, context);
}

function ambiguousOption(): Option {
  const words = 'a mail whose reply never came: hold it for a decision, or send it again at the risk of two';
  return new Option('--ambiguous <policy>', words).choices(['hold', 'resend']);
}

function addWritingCommands(group: Command, context: CliContext): void {
  group
    .command('create <file>')
    .description('make a draft from a Markdown (.md) or MJML (.mjml) file; prints its id')
    .requiredOption('--newsletter <slug>', 'whose readers it is for')
    .requiredOption('--subject <text>', 'subject; may hold merge fields')
    .option('--preheader <text>', 'what an inbox shows after the subject')
    .addOption(ambiguousOption())
    .action((file: string, options: CreateOptions) =>
      context.withDeps((deps, output) => create(deps, output, file, options)),
    );

  group
    .command('test')
    .description('mail it to an admin or a proofreader, marked [Test]')
    .argument('<id>', 'the campaign', toCampaignId)
    .requiredOption('--to <address>', 'a verified admin or a proofreader of the newsletter', toAddress)
    .action((id: CampaignId, { to }: { to: ParsedAddress }) =>
      context.withDeps(async (deps, output) => {
        const { testCampaign } = await import('../campaigns/index.ts');
        await testCampaign(deps, { id, actor: CLI_ACTOR }, to);
        output.note('The test mail is on its way.');
      }),
    );
}

function addSendingCommands(group: Command, context: CliContext): void {
  group
    .command('send')
    .argument('<id>', 'the campaign', toCampaignId)
    .description('send it in 60 seconds, so that there is time to undo')
    .option('--at <time>', 'send it then (RFC 3339); by local time also without an offset', toStart)
    .addOption(new Option('--immediately', 'send it now; there is no undo, only cancel').conflicts('at'))
    .option('--local-time', 'by the clock of each reader’s zone; whoever is past the time gets it at once')
    .option('--window <hours>', 'only between these times, by the same clock, such as 08:00-20:00', toSendWindow)
    .addOption(ambiguousOption())
    .option('--yes', 'do not ask')
    .action((id: CampaignId, options: SendOptions, command: Command) => {
      if (typeof options.at === 'string' && options.localTime !== true) {
        command.error(
          "error: '--at' without an offset is a time on the readers’ clocks: add --local-time, or the offset",
        );
      }
      return context.withDeps((deps, output) =>
        sendFromTerminal(deps, { terminal: context.terminal, output }, id, options),
      );
    });

  group
    .command('status')
    .argument('<id>', 'the campaign', toCampaignId)
    .description('how far it is; its parts add up to the audience at every look')
    .option('--watch', 'until it is finished, or stands still')
    .action((id: CampaignId, { watch }: { watch?: true }) =>
      context.withDeps(async (deps, output) => {
        if (watch === true) {
          await watchCampaign(deps, { terminal: context.terminal, output }, id);
        }
        await show(deps, output, id);
      }),
    );

  for (const [name, description] of MOVES) {
    group
      .command(name)
      .argument('<id>', 'the campaign', toCampaignId)
      .description(description)
      .action((id: CampaignId) =>
        context.withDeps(async (deps, output) => {
          await move(deps, name, id);
          const { campaign, progress } = await show(deps, output, id);
          output.note(describeMove(name, campaign, progress));
        }),
      );
  }
}

const MOVES = [
  ['undo', 'take it back while it has not started; it is a draft again'],
  ['pause', 'begin no other mail for now; what workers have under way may still leave, for a few seconds'],
  ['resume', 'go on after a pause, with those who have not got it yet'],
  ['cancel', 'begin no other mail, for good; what has left stays with its readers'],
] as const;

async function move(deps: Deps, name: (typeof MOVES)[number][0], id: CampaignId): Promise<Campaign> {
  const campaigns = await import('../campaigns/index.ts');
  const order = { id, actor: CLI_ACTOR };
  switch (name) {
    case 'undo':
      return campaigns.undoSend(deps, order);
    case 'pause':
      return campaigns.pauseCampaign(deps, order);
    case 'resume':
      return campaigns.resumeCampaign(deps, order);
    case 'cancel':
      return campaigns.cancelCampaign(deps, order);
    default:
      return name satisfies never;
  }
}

async function create(deps: Deps, output: Output, file: string, options: CreateOptions): Promise<void> {
  const { createCampaign, describeProblem, newCampaignSchema } = await import('../campaigns/index.ts');
  const format = formatOf(file);
  const source = await readGivenText(file);
  const { ambiguous: ambiguousPolicy, ...written } = options;
  const input = newCampaignSchema.parse({ ...written, ambiguousPolicy, format, source });
  const { campaign, warnings } = await createCampaign(deps, input, CLI_ACTOR);
  output.result(String(campaign.id), { ...campaign, warnings });
  for (const warning of warnings) {
    output.note(`${warning.code}: ${describeProblem(warning)}`);
  }
}

function formatOf(file: string): 'markdown' | 'mjml' {
  switch (extname(file).toLowerCase()) {
    case '.md':
    case '.markdown':
      return 'markdown';
    case '.mjml':
      return 'mjml';
    default:
      throw inputError('format_unknown', `${file}: use a Markdown file (.md) or an MJML file (.mjml)`);
  }
}

async function show(
  deps: Deps,
  output: Output,
  id: CampaignId,
): Promise<{ readonly campaign: Campaign; readonly progress: CampaignProgress | null }> {
  const { campaignProgress, requireCampaign } = await import('../campaigns/index.ts');
  const campaign = await requireCampaign(deps.db, id);
  const progress = await campaignProgress(deps, campaign);
  const { source: _source, ...facts } = campaign;
  output.result(describeCampaign(campaign, progress), { ...facts, progress });
  return { campaign, progress };
}
