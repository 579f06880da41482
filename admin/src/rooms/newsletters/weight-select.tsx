import { Select } from '@mantine/core';

const NAMED: Readonly<Record<string, string>> = {
  '-5': 'Far less',
  '-2': 'Less',
  '0': 'As any other',
  '2': 'More',
  '5': 'Far more',
};

/** Weights are small numbers; most people only want more or less. One that was set by API shows as the number it is. */
export function WeightSelect({
  value,
  onChange,
}: {
  readonly value: number;
  readonly onChange: (weight: number) => void;
}) {
  const weights = [...new Set([...Object.keys(NAMED).map(Number), value])].sort((a, b) => a - b);
  return (
    <Select
      label="Weight"
      description="For sections ranked by weight."
      allowDeselect={false}
      flex="0 1 14rem"
      data={weights.map((weight) => ({ value: String(weight), label: NAMED[String(weight)] ?? String(weight) }))}
      value={String(value)}
      onChange={(next) => next !== null && onChange(Number(next))}
    />
  );
}
