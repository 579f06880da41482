import { createTheme, defaultVariantColorsResolver } from '@mantine/core';
import type { CSSVariablesResolver, MantineColorsTuple, VariantColorsResolver } from '@mantine/core';

const press: MantineColorsTuple = [
  '#fbeeeb',
  '#f6d8d3',
  '#f2bab1',
  '#ef9c91',
  '#d96c60',
  '#c2463d',
  '#a92e2a',
  '#8f1d1d',
  '#761717',
  '#5c1010',
];
const gray: MantineColorsTuple = [
  '#f7f4ee',
  '#f1ede6',
  '#e6e0d6',
  '#d8d1c6',
  '#c4bbae',
  '#a79d90',
  '#857c71',
  '#645c53',
  '#3f3933',
  '#211d19',
];
/** Mantine takes 0 for text, 2 for what recedes, 4 for borders, 6 for fields, 7 for the page. */
const dark: MantineColorsTuple = [
  '#ece6dc',
  '#d5cec3',
  '#b0a79b',
  '#968d82',
  '#4a453f',
  '#33302b',
  '#22201d',
  '#1a1917',
  '#141312',
  '#0f0e0d',
];

/** The library picks the text on a filled button for the light scheme only; the accent is dark there and pale at night. */
const colourVariant: VariantColorsResolver = (input) =>
  input.variant === 'filled' && (input.color === undefined || input.color === 'press')
    ? { ...defaultVariantColorsResolver(input), color: 'var(--on-accent)' }
    : defaultVariantColorsResolver(input);

export const theme = createTheme({
  white: '#fffefb',
  black: '#211d19',
  colors: { press, gray, dark },
  primaryColor: 'press',
  primaryShade: { light: 7, dark: 3 },
  variantColorResolver: colourVariant,
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace",
  headings: { fontFamily: 'var(--serif)', fontWeight: '700', textWrap: 'balance' },
  defaultRadius: 'sm',
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    // Under the field: so that fields side by side stand on one line.
    InputWrapper: { defaultProps: { inputWrapperOrder: ['label', 'input', 'description', 'error'] } },
    Checkbox: { defaultProps: { iconColor: 'var(--on-accent)' } },
    Radio: { defaultProps: { iconColor: 'var(--on-accent)' } },
    Modal: {
      defaultProps: {
        centered: true,
        closeButtonProps: { 'aria-label': 'Close' },
        overlayProps: { backgroundOpacity: 0.45 },
      },
      styles: { title: { font: '700 1.25rem/1.3 var(--serif)' } },
    },
    Anchor: { defaultProps: { underline: 'always' } },
  },
});

/** Contrast of at least 4.5 for everything that is read, also where the library would whisper. */
export const resolveVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#fffefb',
    '--mantine-color-dimmed': '#645c53',
    '--mantine-color-placeholder': '#756c62',
    '--mantine-color-default-border': '#a79d90',
    '--mantine-color-anchor': '#8f1d1d',
    '--mantine-color-error': '#a4161a',
  },
  dark: {
    '--mantine-color-body': '#1a1917',
    '--mantine-color-dimmed': '#b0a79b',
    '--mantine-color-placeholder': '#968d82',
    '--mantine-color-default-border': '#57514a',
    '--mantine-color-anchor': '#ef9c91',
    '--mantine-color-error': '#ff9d92',
  },
});
