import { hasText, say } from '../text/say.ts';
import { unitOf } from '../words/alert.ts';

/** Units of fields that are not in the metric's. */
const UNITS: Readonly<Record<string, string>> = {
  ...{ frozenBelow: '°C', thawedAbove: '°C', light: 'lux', shock: 'g', share: '%', 'weakReads.below': '%' },
};
const IN_METRIC = ['above', 'atOrAbove', 'below', 'atOrBelow', 'clearAbove', 'clearBelow', 'limit'];

/** What a field of a kind is called, with its unit: `Above (°C)`. */
export function fieldLabel(kind: string, key: string, metric: string): string {
  const unit = UNITS[`${kind}.${key}`] ?? UNITS[key] ?? (IN_METRIC.includes(key) ? unitOf(metric) : '');
  const label = textOr(`rule.field.${kind}.${key}`, () => textOr(`rule.field.${key}`, () => key));
  return unit === '' ? label : say('rule.form.usually', { label, unit });
}

/** What there is to know of it. */
export function fieldHint(kind: string, key: string): string | undefined {
  const hint = textOr(`rule.field.${kind}.${key}.hint`, () => textOr(`rule.field.${key}.hint`, () => ''));
  return hint === '' ? undefined : hint;
}

function textOr(key: string, otherwise: () => string): string {
  return hasText(key) ? say(key) : otherwise();
}

/** Units that durations are written in, the smallest first. */
export const DURATION_UNITS = ['s', 'm', 'h', 'd'] as const;
export type DurationUnit = (typeof DURATION_UNITS)[number];

/** `90m` as its figure and its unit; null for what a form cannot say so. */
export function durationParts(value: unknown): { readonly figure: string; readonly unit: DurationUnit } | null {
  // As a rule in force writes what it does not use.
  if (value === '0ms') return { figure: '0', unit: 'm' };
  const [, figure, unit] = /^(\d+)(s|m|h|d)$/.exec(String(value)) ?? [];
  return figure === undefined ? null : { figure, unit: unit as DurationUnit };
}
