import type { CampaignProgress } from '../campaigns/index.ts';

/** Of the line, besides the bar: brackets, percentage, rate, time left. */
const WORDS_WIDTH = 44;
const MAX_BAR = 40;

/** One line with a bar of what is settled: `[######----] 60 % 1200/2000  240/s  4 s left`. */
export function drawProgress(progress: CampaignProgress, columns: number): string {
  const settled = progress.audience - progress.open;
  const share = progress.audience === 0 ? 1 : settled / progress.audience;
  const width = Math.max(5, Math.min(MAX_BAR, columns - WORDS_WIDTH));
  const filled = Math.floor(share * width);
  const bar = `[${'#'.repeat(filled)}${'-'.repeat(width - filled)}]`;
  const left = progress.etaSeconds === null ? '' : `  ${formatSeconds(progress.etaSeconds)} left`;
  return `${bar} ${Math.floor(share * 100)} % ${settled}/${progress.audience}  ${progress.ratePerSecond}/s${left}`;
}

function formatSeconds(seconds: number): string {
  if (seconds < 60) {
    return `${seconds} s`;
  }
  return seconds < 3600 ? `${Math.ceil(seconds / 60)} min` : `${Math.round(seconds / 360) / 10} h`;
}
