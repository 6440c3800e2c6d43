import type { BacktestFinding, RuleView } from '../../../api/index.ts';
import { say, wordsOf } from '../text/say.ts';
import { unitOf } from './alert.ts';
import { together, told, valueText } from './figures.ts';
import { span } from './when.ts';

export type RuleVersionView = RuleView['versions'][number];

/** What a rule means, as the server writes it, with °F for who reads it; how fast something may change is a difference. */
export function kindText(kind: string, text: string): string {
  return kind === 'rate' ? together(text) : told(text);
}

export const KIND_WORDS: Readonly<Record<string, string>> = wordsOf({
  threshold: 'rule.kind.threshold',
  silence: 'rule.kind.silence',
  mkt: 'rule.kind.mkt',
  rate: 'rule.kind.rate',
  shock: 'rule.kind.shock',
  interval: 'rule.kind.interval',
  freezeThaw: 'rule.kind.freezeThaw',
  forecast: 'rule.kind.forecast',
  budget: 'rule.kind.budget',
  cumulative: 'rule.kind.cumulative',
  goodsMkt: 'rule.kind.goodsMkt',
  goodsFreezeThaw: 'rule.kind.goodsFreezeThaw',
  tamper: 'rule.kind.tamper',
  budgetForecast: 'rule.kind.budgetForecast',
  unexpected: 'rule.kind.unexpected',
  blocked: 'rule.kind.blocked',
  shortage: 'rule.kind.shortage',
  noData: 'rule.kind.noData',
  wrongDirection: 'rule.kind.wrongDirection',
  wrongPortal: 'rule.kind.wrongPortal',
  expired: 'rule.kind.expired',
  clone: 'rule.kind.clone',
  dwell: 'rule.kind.dwell',
  crossRead: 'rule.kind.crossRead',
  diversion: 'rule.kind.diversion',
  badData: 'rule.kind.badData',
  surge: 'rule.kind.surge',
  weakReads: 'rule.kind.weakReads',
});

export function latestOf({ versions }: RuleView): RuleVersionView | undefined {
  return versions.at(-1);
}

export function appliesToOf(version: RuleVersionView | undefined): string | null {
  const given = version?.rule.appliesTo;
  return typeof given === 'string' ? given : null;
}

/** Who made a version: the rule file is nobody. */
export function makerOf({ by }: RuleVersionView): string {
  if (by === null) return say('rule.maker.unknown');
  return by === 'configuration' ? say('rule.maker.file') : by;
}

/** How bad a finding was: `12 min, at most 9.1 °C`; of a pass what was found, of goods how many serials. */
export function findingWords({
  from,
  to,
  extreme,
  key,
  said,
  readings,
}: Pick<BacktestFinding, 'from' | 'to' | 'extreme' | 'key' | 'said'> & { readonly readings?: number }): string {
  if (said !== undefined) return said;
  const lasted = to === null ? say('rule.finding.goesOn') : span(Date.parse(to) - Date.parse(from));
  // Of goods as many as there are serials (docs/rules.md); the unit of the extreme is its kind's.
  if (key.startsWith('shipment:')) return `${lasted}, ${say('rule.ofSerials', { serials: readings ?? 0 })}`;
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
  if (text.trim() === '') return { isWrong: true, text: say('rule.obstacle.empty') };
  if (idOf(text) === null) {
    const isThere = /^\s*id\s*:/m.test(text);
    return {
      isWrong: true,
      text: isThere ? say('rule.obstacle.id.unreadable') : say('rule.obstacle.id.missing'),
    };
  }
  const tab = text.split('\n').findIndex((line) => /^ *\t/.test(line));
  if (tab >= 0) return { isWrong: true, text: say('rule.obstacle.tab', { line: tab + 1 }) };
  if (!isChanged) return { isWrong: false, text: say('rule.obstacle.unchanged') };
  return null;
}
