/**
 * What `weakReads` and `surge` find of doors that were made up, against what was done to them: many doors, no database, the
 * judgements themselves. A regression figure for this simulator, no claim about a real door.
 */
import type { SurgeRule, WeakReadsRule } from '../domain/index.ts';
import { Chance } from '../simulators/portal/random.ts';
import { mostUsual } from '../trace/pass-rules/kinds/surge.ts';
import { weakAt } from '../trace/pass-rules/kinds/weak-reads.ts';

const COMMON = { severity: 'warning', atLeast: 1 } as const;
const WEAK: WeakReadsRule = { ...COMMON, id: 'weak-reads', kind: 'weakReads', below: 70, passes: 5, learnt: 20 };
const SURGE: SurgeRule = { ...COMMON, id: 'surge', kind: 'surge', times: 2, learnt: 7 };
const DOORS = 2_000;
const PASSES = 120;
/** From this pass on every second door's antenna fades, over so many passes. */
const FADES_AT = 60;
const FADES_OVER = 20;
const DAYS = 60;

/** Doors of two antennas, one of which loses more and more tags. */
export function reportWeakReads(missChance: number, fadesTo: number): void {
  const chance = new Chance(17);
  let [told, early, falsely] = [0, 0, 0];
  const waits: number[] = [];
  for (let door = 0; door < DOORS; door++) {
    const isFading = door % 2 === 0;
    const shares: { pass: number; value: number }[] = [];
    let isTold = false;
    for (let pass = 1; pass <= PASSES; pass++) {
      const faded = isFading ? Math.min(1, Math.max(0, (pass - FADES_AT) / FADES_OVER)) * (fadesTo - missChance) : 0;
      const tags = Array.from({ length: 5 + Math.floor(40 * chance.next()) }, () => ({
        outer: !chance.is(missChance),
        inner: !chance.is(missChance + faded),
      })).filter(({ outer, inner }) => outer || inner);
      if (tags.length < 5) continue;
      shares.unshift({ pass, value: (100 * tags.filter(({ inner }) => inner).length) / tags.length });
      const series = { antenna: null, shares };
      if (weakAt(WEAK, series, 0) === null || weakAt(WEAK, series, 1) !== null) continue;
      if (!isFading) falsely += 1;
      else if (pass <= FADES_AT) early += 1;
      else if (!isTold) {
        isTold = true;
        told += 1;
        waits.push(pass - FADES_AT);
      }
    }
  }
  const wait = waits.sort((a, b) => a - b)[Math.floor(waits.length / 2)];
  console.log(
    `weakReads, ${percent(missChance)} missed, an antenna fades to ${percent(fadesTo)} over ${FADES_OVER} passes: ${told} of ${DOORS / 2} told, ` +
      `after ${wait ?? '–'} passes (median); ${falsely + early} false alerts in ${(DOORS * PASSES) / 2 + (DOORS / 2) * FADES_AT} passes of sound antennas`,
  );
}

/** Doors whose hour differs from day to day, and on one day in twenty brings so many times as much. */
export function reportSurges(spread: number, times: number): void {
  const chance = new Chance(17);
  let [told, falsely, all] = [0, 0, 0];
  for (let door = 0; door < DOORS; door++) {
    const usual = 50 + 400 * chance.next();
    const days: number[] = [];
    for (let day = 0; day < DAYS; day++) {
      const isSurge = day >= SURGE.learnt && chance.is(0.05);
      const tags = Math.max(1, Math.round(usual * (1 + spread * chance.normal()) * (isSurge ? times : 1)));
      const hour = { from: 0, to: 0, zone: 'UTC', earlier: 0, days: days.slice(0, 28) };
      const most = mostUsual(SURGE, hour);
      const isTold = most !== null && tags > most;
      if (isSurge) all += 1;
      if (isTold && isSurge) told += 1;
      else if (isTold) falsely += 1;
      days.unshift(tags);
    }
  }
  const of = `${told} of ${all} told, ${falsely} falsely in ${DOORS * DAYS} hours`;
  console.log(`surge, days differ by ${percent(spread)}, ${times} times the usual: ${of}`);
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
