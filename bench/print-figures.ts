import type { BenchResult } from './benchmark.ts';
import { isMet } from './figure.ts';
import type { Figure } from './figure.ts';

const HEAD = ['figure', 'value', 'limit', 'ratio', 'target'];

/** The result as a small table, one figure a line, and the notes below it. */
export function printFigures({ figures, notes }: BenchResult): string {
  const rows = [HEAD, ...figures.map(toCells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => row.map((cell, column) => pad(cell, column, widths[column] ?? 0)).join('  '));
  return [...lines.map((line) => line.trimEnd()), ...notes.map((note) => `- ${note}`)].join('\n');
}

/** Names and targets to the left, numbers to the right. */
function pad(cell: string, column: number, width: number): string {
  return column === 0 || column === HEAD.length - 1 ? cell.padEnd(width) : cell.padStart(width);
}

function toCells(figure: Figure): readonly string[] {
  return [
    figure.figure,
    withUnit(figure.value, figure.unit),
    figure.limit === undefined ? '' : withUnit(figure.limit, figure.unit),
    figure.ratio?.toFixed(2) ?? '',
    describeTarget(figure),
  ];
}

function describeTarget(figure: Figure): string {
  if (figure.target === undefined) {
    return '';
  }
  const { target } = figure;
  const wanted =
    'atMost' in target
      ? `at most ${withUnit(target.atMost, figure.unit)}`
      : 'ratioAtLeast' in target
        ? `ratio at least ${target.ratioAtLeast}`
        : `ratio at most ${target.ratioAtMost}`;
  return `${wanted}: ${isMet(figure) === true ? 'met' : 'MISSED'}`;
}

function withUnit(value: number, unit: string): string {
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : 2;
  return `${value.toFixed(digits)} ${unit}`.trim();
}
