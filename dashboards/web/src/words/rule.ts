import type { BacktestFinding, RuleView } from '../../../api/index.ts';
import { say } from '../text/say.ts';
import { unitOf } from './alert.ts';
import { valueText } from './figures.ts';
import { span } from './when.ts';

export type RuleVersionView = RuleView['versions'][number];

export const KIND_WORDS: Readonly<Record<string, string>> = {
  threshold: say('rule.kind.threshold'),
  silence: say('rule.kind.silence'),
  mkt: say('rule.kind.mkt'),
  rate: say('rule.kind.rate'),
  shock: say('rule.kind.shock'),
  interval: say('rule.kind.interval'),
  freezeThaw: say('rule.kind.freezeThaw'),
  forecast: say('rule.kind.forecast'),
  budget: say('rule.kind.budget'),
  cumulative: say('rule.kind.cumulative'),
  goodsMkt: say('rule.kind.goodsMkt'),
  goodsFreezeThaw: say('rule.kind.goodsFreezeThaw'),
  tamper: say('rule.kind.tamper'),
  budgetForecast: say('rule.kind.budgetForecast'),
  unexpected: say('rule.kind.unexpected'),
  blocked: say('rule.kind.blocked'),
  shortage: say('rule.kind.shortage'),
  noData: say('rule.kind.noData'),
  wrongDirection: say('rule.kind.wrongDirection'),
  wrongPortal: say('rule.kind.wrongPortal'),
  expired: say('rule.kind.expired'),
  clone: say('rule.kind.clone'),
  dwell: say('rule.kind.dwell'),
  crossRead: say('rule.kind.crossRead'),
  diversion: say('rule.kind.diversion'),
  badData: say('rule.kind.badData'),
  surge: say('rule.kind.surge'),
  weakReads: say('rule.kind.weakReads'),
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
