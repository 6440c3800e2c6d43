import { Button, type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

/**
 * Every colour of the page, by what it means. The four conditions are checked for contrast in light and dark
 * (theme.test.ts), and each has a shape of its own (parts/Marks.tsx): nobody has to see colour to read a screen.
 */
export interface Palette {
  /** Behind everything, and of cards and tables. */
  readonly page: string;
  readonly surface: string;
  readonly raised: string;
  readonly line: string;
  readonly text: string;
  readonly muted: string;
  readonly accent: string;
  readonly accentSoft: string;
  readonly onAccent: string;
  readonly inRange: Meaning;
  readonly warning: Meaning;
  readonly excursion: Meaning;
  readonly unknown: Meaning;
  /** Lines of a chart that say which logger, not how it fares. */
  readonly lines: readonly string[];
}

export interface Meaning {
  /** Text and marks, on `page`, `surface` and `soft`. */
  readonly ink: string;
  /** A quiet background. */
  readonly soft: string;
  /** A loud background (the verdict at a portal), with `onFill` on it. */
  readonly fill: string;
  readonly onFill: string;
}

export const light: Palette = {
  page: '#f4f7f8',
  surface: '#ffffff',
  raised: '#ffffff',
  line: '#dfe6e9',
  text: '#14222b',
  muted: '#536570',
  accent: '#0b5f7a',
  accentSoft: '#e3f1f5',
  onAccent: '#ffffff',
  inRange: { ink: '#0d6e48', soft: '#e4f4ec', fill: '#0d6e48', onFill: '#ffffff' },
  warning: { ink: '#8a5200', soft: '#fdf0d5', fill: '#f2b233', onFill: '#2b1a00' },
  excursion: { ink: '#b3202c', soft: '#fdebea', fill: '#b3202c', onFill: '#ffffff' },
  unknown: { ink: '#51616d', soft: '#e9eef1', fill: '#51616d', onFill: '#ffffff' },
  lines: ['#0b5f7a', '#7a4bb5', '#2c6bd1', '#8a6116', '#a03f8e', '#4b6b23', '#5d5fa8', '#39706a'],
};

export const dark: Palette = {
  page: '#0d1418',
  surface: '#141d23',
  raised: '#1a252c',
  line: '#27343d',
  text: '#e6eef2',
  muted: '#98a9b4',
  accent: '#63c6e2',
  accentSoft: '#12303b',
  onAccent: '#04202a',
  inRange: { ink: '#52c992', soft: '#10291f', fill: '#1c7d53', onFill: '#ffffff' },
  warning: { ink: '#f2b84b', soft: '#302409', fill: '#f2b84b', onFill: '#2b1a00' },
  excursion: { ink: '#ff8a87', soft: '#371a1c', fill: '#c2313a', onFill: '#ffffff' },
  unknown: { ink: '#a3b2bd', soft: '#1e2930', fill: '#4a5a65', onFill: '#ffffff' },
  lines: ['#63c6e2', '#b796ee', '#7aa7f7', '#d2ab5c', '#e08bcd', '#a5c474', '#9fa2e6', '#7cc0b6'],
};

export const MEANINGS = ['inRange', 'warning', 'excursion', 'unknown'] as const;

const FONT =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", "DejaVu Sans", Arial, sans-serif';

/** Ten steps around the accent, as Mantine wants them; 7 is the light scheme's, 3 the dark one's. */
const cold: MantineColorsTuple = [
  '#e9f5f9',
  '#cfe8f0',
  '#9fd5e6',
  '#63c6e2',
  '#37a6c6',
  '#1e8aab',
  '#12748f',
  '#0b5f7a',
  '#084b61',
  '#053747',
];

/** Mantine's dark greys, as cold as the rest: 0 text, 4 borders, 6 fields, 7 the page. */
const dusk: MantineColorsTuple = [
  '#e6eef2',
  '#b8c4cc',
  '#98a9b4',
  '#66757f',
  '#33424c',
  '#27343d',
  '#1a252c',
  '#141d23',
  '#0d1418',
  '#080d10',
];

export const theme = createTheme({
  colors: { cold, dark: dusk },
  primaryColor: 'cold',
  primaryShade: { light: 7, dark: 3 },
  autoContrast: true,
  fontFamily: FONT,
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", monospace',
  headings: { fontFamily: FONT, fontWeight: '600' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
  components: {
    // The library chooses a button's text for the light scheme's shade alone.
    Button: Button.extend({
      vars: (_theme, { variant = 'filled' }) => ({
        root: variant === 'filled' ? { '--button-bg': 'var(--accent)', '--button-color': 'var(--on-accent)' } : {},
      }),
    }),
  },
});

/** The palettes as CSS variables, `--surface`, `--in-range-ink`..., following the colour scheme. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: variablesOf(light),
  dark: variablesOf(dark),
});

export function variablesOf(palette: Palette): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(palette)) {
    if (typeof value === 'string') variables[`--${kebab(name)}`] = value;
    else if (!Array.isArray(value))
      for (const [part, colour] of Object.entries(value as Meaning))
        variables[`--${kebab(name)}-${kebab(part)}`] = colour;
  }
  return {
    ...variables,
    '--mantine-color-body': palette.page,
    '--mantine-color-text': palette.text,
    '--mantine-color-dimmed': palette.muted,
    '--mantine-color-default': palette.surface,
    '--mantine-color-default-border': palette.line,
    '--mantine-color-default-hover': palette.accentSoft,
    '--mantine-color-placeholder': palette.muted,
    '--mantine-color-error': palette.excursion.ink,
    '--mantine-primary-color-contrast': palette.onAccent,
  };
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
