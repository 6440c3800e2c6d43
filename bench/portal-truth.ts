/**
 * How often the verdict on a pallet is exactly right, against the truth: simulated doors with misses, cross-reads,
 * pallets close behind each other and pallets that stand near the door.
 *
 *   node bench/portal-truth.ts [pallets]
 *
 * A regression figure for this simulator: what a real door does is for recorded reads to say
 * (`isotherm simulate replay`). Exit 1 where the standard scenario is below 99.9 %.
 */
import { STANDARD_TRAFFIC, type TrafficPlan } from '../simulators/index.ts';
import { type PalletScore, scoreTraffic } from './portal-score.ts';

const pallets = Number(process.argv[2] ?? STANDARD_TRAFFIC.pallets);
const standard = { ...STANDARD_TRAFFIC, pallets };
const scenarios: readonly (readonly [string, TrafficPlan])[] = [
  ['standard', standard],
  ['without light curtains', { ...standard, hasCurtain: false, pallets: Math.ceil(pallets / 5) }],
  ['busy and bad: half close behind, many misses and cross-reads', badly(standard)],
];

for (const [name, plan] of scenarios) report(name, plan);

function badly(plan: TrafficPlan): TrafficPlan {
  return {
    ...plan,
    pallets: Math.ceil(pallets / 5),
    closeBehind: 0.5,
    readChance: 0.3,
    crossLossDb: 14,
    staged: 0.4,
    everyMs: 25_000,
  };
}

function report(name: string, plan: TrafficPlan): void {
  const { pallets: scores, passes, reads } = scoreTraffic(plan);
  const exact = scores.filter(({ isExact }) => isExact).length;
  const share = (100 * exact) / scores.length;
  const worst = (pick: (score: PalletScore) => number) => Math.min(...scores.map(pick)).toFixed(3);
  const below = (pick: (score: PalletScore) => number) => scores.filter((score) => pick(score) < 1).length;
  console.log(`${name}: ${scores.length} pallets, ${reads} reads, ${passes} passes`);
  console.log(`  exactly right: ${exact} of ${scores.length} pallets, ${share.toFixed(2)} %`);
  console.log(`  recall per pallet: below 1 for ${below((score) => score.recall)}, worst ${worst((s) => s.recall)}`);
  console.log(`  precision per pallet: below 1 for ${below((s) => s.precision)}, worst ${worst((s) => s.precision)}`);
  const faults = new Map<string, number>();
  for (const fault of scores.flatMap((score) => score.faults)) faults.set(fault, (faults.get(fault) ?? 0) + 1);
  for (const [fault, count] of [...faults].sort((a, b) => b[1] - a[1])) console.log(`  ${count} x ${fault}`);
  if (name === 'standard' && share < 99.9) {
    console.log('  below the target of 99.9 %');
    process.exitCode = 1;
  }
}
