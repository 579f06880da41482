/**
 * Loaded into a worker before its own code (`--import`): on SIGUSR2 it writes how late its event loop was since the last time, in
 * milliseconds, into the file that BENCH_LOOP_DELAY names.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 5;
const NS_PER_MS = 1e6;
const file = process.env['BENCH_LOOP_DELAY'];
const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
histogram.enable();

process.on('SIGUSR2', () => {
  if (file !== undefined) {
    // The histogram counts from the timer's own interval on.
    const late = (share: number): number => Math.max(histogram.percentile(share) / NS_PER_MS - RESOLUTION_MS, 0);
    writeFileSync(`${file}.new`, JSON.stringify({ p50Ms: late(50), p99Ms: late(99) }));
    renameSync(`${file}.new`, file);
  }
  histogram.reset();
});
