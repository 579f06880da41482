import { FAIL_POINTS } from '../../../src/shared/fail-points.ts';

interface ResultLine {
  readonly queue: string;
  readonly name: string;
  readonly lost: number;
  readonly doubled: number;
  readonly phantom: number;
  readonly mixed: number;
  readonly ambiguous: number;
  readonly listedTwice: number;
}

/** The table of docs/guarantees.md: a row for each case, with both queues beside each other; all seeds are one row. */
export function tabulate(lines: string): string {
  const results = lines.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as ResultLine]));
  const rows = Map.groupBy(results, ({ name }) => nameOf(name));
  const inOrder = [...rows].toSorted(([one], [other]) => placeOf(one).localeCompare(placeOf(other)));
  const body = inOrder.map(([name, cases]) => {
    const cells = (['postgres', 'redis'] as const).map((queue) => describe(cases.filter((one) => one.queue === queue)));
    return `| ${name} | ${cells.join(' | ')} |`;
  });
  return ['| case | queue on PostgreSQL | queue on Redis |', '|---|---|---|', ...body].join('\n');
}

/** The fail-points come first, in the order of a mail's way. */
function placeOf(name: string): string {
  const index = FAIL_POINTS.findIndex((point) => name.startsWith(`kill -9 at ${point},`));
  return index === -1 ? name : `${String(index).padStart(2, '0')} ${name}`;
}

function nameOf(name: string): string {
  const [, policy] = /^seed \d+, (\w+)$/.exec(name) ?? [];
  return policy === undefined ? name : `random seeds, ${policy}`;
}

/** lost / doubled / listed / listed and twice */
function describe(cases: readonly ResultLine[]): string {
  if (cases.length === 0) {
    return '';
  }
  const sum = (read: (line: ResultLine) => number): number => cases.reduce((total, line) => total + read(line), 0);
  const wrong = sum(({ phantom, mixed }) => phantom + mixed);
  const figures = [
    sum(({ lost }) => lost),
    sum(({ doubled }) => doubled),
    sum(({ ambiguous }) => ambiguous),
    sum(({ listedTwice }) => listedTwice),
  ].join(' / ');
  return [
    figures,
    ...(cases.length === 1 ? [] : [`in ${cases.length} runs`]),
    ...(wrong === 0 ? [] : [`and ${wrong} mixed up`]),
  ].join(' ');
}
