import type { Campaign, CampaignProgress } from '../campaigns/index.ts';
import { formatInstant } from './output.ts';

/** For `campaign status`. */
export function describeCampaign(campaign: Campaign, progress: CampaignProgress | null): readonly string[] {
  return [
    `status: ${campaign.status}`,
    `newsletter: ${campaign.newsletterName}`,
    `subject: ${campaign.subject}`,
    ...(campaign.startAt === null ? [] : [`start: ${campaign.startAt.toISOString()}`]),
    ...describeTiming(campaign),
    ...(campaign.finishedAt === null ? [] : [`finished: ${campaign.finishedAt.toISOString()}`]),
    ...(campaign.stopCode === null ? [] : [`stopped: ${campaign.stopCode}: ${campaign.stopMessage ?? ''}`]),
    ...(progress === null ? [] : [describeBalance(progress), ...describeOutlook(campaign, progress)]),
  ];
}

/** By which clock, and in which hours. */
export function describeTiming({ localTime, localAt, sendWindow }: Campaign): readonly string[] {
  const clock = localTime ? 'on each reader’s clock' : 'on the newsletter’s clock';
  return [
    ...(localTime ? [`due: ${localAt?.replace('T', ' ').slice(0, 16) ?? 'the time of the start'} ${clock}`] : []),
    ...(sendWindow === null ? [] : [`hours: ${sendWindow} ${clock}`]),
  ];
}

/** The parts add up to the audience. */
function describeBalance(progress: CampaignProgress): string {
  const { audience, accepted, rejected, suppressed, ambiguous, cancelled, open } = progress;
  const parts = { accepted, rejected, suppressed, ambiguous, cancelled, open };
  const sum = Object.entries(parts).map(([name, count]) => `${name} ${count}`);
  return `audience ${audience} = ${sum.join(' + ')}`;
}

/** One line for whoever watches without a terminal. */
export function describeProgress(progress: CampaignProgress): string {
  const { ratePerSecond, etaSeconds, hindrances } = progress;
  const pace = etaSeconds === null ? [] : [`${ratePerSecond}/s`, `${etaSeconds} s left`];
  const later = etaSeconds === null ? describeWaiting(progress) : [];
  return [describeBalance(progress), ...pace, ...later, ...hindrances.map(({ code }) => code)].join(', ');
}

function describeOutlook(campaign: Campaign, progress: CampaignProgress): readonly string[] {
  const { ratePerSecond, etaSeconds, underWay, ambiguous, hindrances } = progress;
  return [
    ...(etaSeconds === null ? [] : [`pace: ${ratePerSecond}/s, about ${etaSeconds} s left for what is due`]),
    ...(underWay === 0 ? [] : [`under way: ${underWay} in the hands of workers`]),
    ...describeWaiting(progress).map((words) => `later: ${words}`),
    ...hindrances.map(({ code, message }) => `stands still: ${code}: ${message}`),
    ...(ambiguous === 0 ? [] : [describeDoubt(campaign, ambiguous)]),
  ];
}

/** Empty when nothing is due later. */
function describeWaiting({ waiting, nextDueAt }: CampaignProgress): readonly string[] {
  return waiting === 0 || nextDueAt === null
    ? []
    : [`${waiting} due later, the first at ${formatInstant(nextDueAt)} UTC`];
}

function describeDoubt({ id, ambiguousPolicy }: Campaign, ambiguous: number): string {
  const fate = ambiguousPolicy === 'resend' ? 'sent once more after ten minutes' : 'held until somebody decides';
  return `in doubt: nobody knows whether ${ambiguous} arrived; ${fate}, see: campaign ambiguous ${id}`;
}

/** What a move did, and what may happen yet. */
export function describeMove(
  name: 'undo' | 'pause' | 'resume' | 'cancel',
  { id }: Campaign,
  progress: CampaignProgress | null,
): string {
  if (progress === null) {
    return name === 'undo' ? 'It is a draft again; nobody got it.' : 'Nobody got it.';
  }
  const { underWay, open, accepted, hindrances } = progress;
  const mayLeave =
    underWay === 0 ? 'Nothing is under way.' : `At most ${underWay} that workers have under way may still leave.`;
  switch (name) {
    case 'undo':
      return 'It is a draft again; nobody got it.';
    case 'pause':
      return `Paused: no other mail is begun. ${mayLeave} ${open - underWay} wait for: campaign resume ${id}`;
    case 'resume':
      return hindrances.length === 0
        ? `It goes on with the ${open} that are open.`
        : `It goes on with the ${open} that are open, once this is over: ${hindrances.map(({ code }) => code).join(', ')}`;
    case 'cancel':
      return `Cancelled for good. ${accepted} were accepted before and stay with their readers. ${mayLeave}`;
    default:
      return name satisfies never;
  }
}
