/** The value below which the share `share` (0 to 1) of the values lies; the nearest rank, so it is one that was measured. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.max(Math.ceil(sorted.length * share) - 1, 0)];
  if (value === undefined) {
    throw new Error('no values were measured');
  }
  return value;
}

/** Of an even number of values the lower of the middle two. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The element whose `key` is the median: keeps a figure together with its limit, which were measured side by side. */
export function medianBy<T>(items: readonly T[], key: (item: T) => number): T {
  const middle = median(items.map(key));
  const found = items.find((item) => key(item) === middle);
  if (found === undefined) {
    throw new Error('nothing was measured');
  }
  return found;
}
