import type { CampaignProgress } from '../campaigns/index.ts';
import { formatInstant } from './output.ts';

/** Of the line, besides the bar: brackets, percentage, rate, time left. */
const WORDS_WIDTH = 44;
const MAX_BAR = 40;

/** One line with a bar of what is settled: `[######----] 60 % 1200/2000  240/s  4 s left`. */
export function drawProgress(progress: CampaignProgress, columns: number): string {
  const settled = progress.audience - progress.open;
  const share = progress.audience === 0 ? 1 : settled / progress.audience;
  return `${drawBar(share, columns)} ${Math.floor(share * 100)} % ${settled}/${progress.audience}  ${describePace(progress)}`;
}

/** `[######----]`, as wide as the words beside it leave room. */
export function drawBar(share: number, columns: number): string {
  const width = Math.max(5, Math.min(MAX_BAR, columns - WORDS_WIDTH));
  const filled = Math.floor(share * width);
  return `[${'#'.repeat(filled)}${'-'.repeat(width - filled)}]`;
}

/** What keeps it from moving is told instead of a rate of nothing. */
function describePace({ ratePerSecond, etaSeconds, nextDueAt, hindrances }: CampaignProgress): string {
  const [hindrance] = hindrances;
  if (etaSeconds !== null) {
    return `${ratePerSecond}/s  ${formatSeconds(etaSeconds)} left`;
  }
  if (hindrance !== undefined) {
    return hindrance.code;
  }
  return nextDueAt === null ? `${ratePerSecond}/s` : `next try ${formatInstant(nextDueAt).slice(-5)} UTC`;
}

function formatSeconds(seconds: number): string {
  if (seconds < 60) {
    return `${seconds} s`;
  }
  return seconds < 3600 ? `${Math.ceil(seconds / 60)} min` : `${Math.round(seconds / 360) / 10} h`;
}
