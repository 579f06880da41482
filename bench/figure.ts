/** What a figure has to reach. A ratio is against the limit of the same run, so it holds on any machine. */
export type Target = { readonly atMost: number } | { readonly ratioAtLeast: number } | { readonly ratioAtMost: number };

/** One measured number, and beside it what the machine could do at best in the same run. */
export interface Figure {
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  readonly limit?: number;
  /** value / limit. */
  readonly ratio?: number;
  readonly target?: Target;
}

/** A figure beside its limit. */
export function compare(figure: Omit<Figure, 'ratio'> & { readonly limit: number }): Figure {
  return { ...figure, ratio: figure.value / figure.limit };
}

/** Undefined when nothing was promised. */
export function isMet(figure: Figure): boolean | undefined {
  if (figure.target === undefined) {
    return undefined;
  }
  const { target, value, ratio = Number.NaN } = figure;
  if ('atMost' in target) {
    return value <= target.atMost;
  }
  return 'ratioAtLeast' in target ? ratio >= target.ratioAtLeast : ratio <= target.ratioAtMost;
}
