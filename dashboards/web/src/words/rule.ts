import type { BacktestFinding, RuleView } from '../../../api/index.ts';
import { unitOf } from './alert.ts';
import { valueText } from './figures.ts';
import { span } from './when.ts';

export type RuleVersionView = RuleView['versions'][number];

export const KIND_WORDS: Readonly<Record<string, string>> = {
  threshold: 'Limit',
  silence: 'Silence',
  mkt: 'Mean kinetic temperature',
  rate: 'Rate of change',
  shock: 'Shock',
  interval: 'Recording interval',
  freezeThaw: 'Freeze-thaw',
  forecast: 'Forecast',
  unexpected: 'Unexpected serials',
  blocked: 'Stopped serials',
};

export function latestOf({ versions }: RuleView): RuleVersionView | undefined {
  return versions.at(-1);
}

export function appliesToOf(version: RuleVersionView | undefined): string | null {
  const given = version?.rule.appliesTo;
  return typeof given === 'string' ? given : null;
}

/** Who made a version: the rule file is nobody. */
export function makerOf({ by }: RuleVersionView): string {
  if (by === null) return 'not known';
  return by === 'configuration' ? 'the rule file' : by;
}

/** How bad a finding was: `12 min, at most 9.1 °C`. */
export function findingWords({
  from,
  to,
  extreme,
  key,
}: Pick<BacktestFinding, 'from' | 'to' | 'extreme' | 'key'>): string {
  const lasted = to === null ? 'still going on' : span(Date.parse(to) - Date.parse(from));
  const unit = unitOf(key.slice(key.lastIndexOf('/') + 1));
  return extreme === null ? lasted : `${lasted}, ${valueText(extreme, unit)}`;
}

/** What a new rule starts from. */
export const NEW_RULE = `id: too-warm-here
kind: threshold
metric: temperature
above: 8
clearAbove: 7.5
for: 10m
severity: warning
appliesTo: profile == "2-8C"
summary: "{{device}} above {{limit}} °C for {{duration}}"
`;

/** The id a text gives its rule; null where it gives none. */
export function idOf(text: string): string | null {
  return /^id:\s*["']?([a-z0-9-]{1,64})["']?\s*$/m.exec(text)?.[1] ?? null;
}

/** Why it cannot be saved as it stands, in words: a button that is off must not be a riddle. */
export function obstacleOf(
  text: string,
  isChanged: boolean,
): { readonly text: string; readonly isWrong: boolean } | null {
  if (text.trim() === '') return { isWrong: true, text: 'There is no rule here. Write one, or load the page again.' };
  if (idOf(text) === null) {
    const isThere = /^\s*id\s*:/m.test(text);
    return {
      isWrong: true,
      text: isThere
        ? 'The line with the id cannot be read: write it at the very left, `id: too-warm`, of small letters, digits and dashes, at most 64.'
        : 'The rule needs a line with its id, `id: too-warm`: small letters, digits and dashes, at most 64.',
    };
  }
  const tab = text.split('\n').findIndex((line) => /^ *\t/.test(line));
  if (tab >= 0) return { isWrong: true, text: `Line ${tab + 1} begins with a tab. YAML wants blanks there.` };
  if (!isChanged) return { isWrong: false, text: 'Nothing is changed yet, so there is nothing to save.' };
  return null;
}
