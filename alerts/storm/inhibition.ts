import { valuesOf } from '../routing/group-key.ts';
import { isTaken } from '../routing/route-tree.ts';
import type { Inhibition, RoutedAlert, RouteMatch } from '../routing/routing.ts';

/** A gateway or a site that is back brings what its devices spooled: until then their silence is not known to stand. */
const GRACE_MS = 5 * 60_000;

/** A gateway that is silent says it for its devices; two of one site, or a lost supply, for what is at the site. */
export const BUILTIN_INHIBITIONS: readonly Inhibition[] = [
  {
    name: 'a silent gateway',
    source: { kind: ['silence'], about: ['gateway'] },
    target: { kind: ['silence'], about: ['device'] },
    ...{ equal: ['gateway'], least: 1, graceMs: GRACE_MS },
  },
  {
    name: 'a site without power',
    source: { labels: { power: 'lost' } },
    target: { kind: ['silence'] },
    ...{ equal: ['site'], least: 1, graceMs: GRACE_MS },
  },
  {
    name: 'several gateways of a site',
    source: { kind: ['silence'], about: ['gateway'] },
    target: { kind: ['silence'], about: ['device'] },
    ...{ equal: ['site'], least: 2, graceMs: GRACE_MS },
  },
];

/** A silence that is in force. */
export interface StandingSilence {
  readonly id: number;
  readonly match: RouteMatch;
  readonly reason: string;
  readonly author: string;
}

/** An alert that goes on, or did until a moment ago. */
export interface StandingAlert {
  readonly id: string;
  readonly routed: RoutedAlert;
  /** When what it tells of was over, epoch ms UTC; null: it goes on. */
  readonly overAt: number | null;
}

/** Why nobody is told of an alert. */
export interface Muted {
  readonly by: 'silence' | 'alert' | 'flapping';
  /** Of that silence, alert or flapping. */
  readonly id: string;
  /** In words. */
  readonly why: string;
}

/** Whether an alert may say it for others. */
export function isSource(inhibitions: readonly Inhibition[], routed: RoutedAlert): boolean {
  return inhibitions.some(({ source }) => isTaken(source, routed));
}

/**
 * By what an alert is muted; null: by nothing. Pure. An alert that is both source and target of an inhibition is not muted by
 * others that are, so that two never silence each other.
 */
export function mutedBy(
  { id, routed }: Pick<StandingAlert, 'id' | 'routed'>,
  silences: readonly StandingSilence[],
  inhibitions: readonly Inhibition[],
  sources: readonly StandingAlert[],
  now: number,
): Muted | null {
  const silence = silences.find(({ match }) => isTaken(match, routed));
  if (silence !== undefined) {
    return { by: 'silence', id: String(silence.id), why: `silenced by ${silence.author}: ${silence.reason}` };
  }
  for (const { name, source, target, equal, least, graceMs = 0 } of inhibitions) {
    if (!isTaken(target, routed)) continue;
    const isBoth = isTaken(source, routed);
    const found = sources.filter(
      (other) =>
        other.id !== id &&
        (other.overAt === null || now < other.overAt + graceMs) &&
        isTaken(source, other.routed) &&
        !(isBoth && isTaken(target, other.routed)) &&
        equal.every((one) => valuesOf(one, other.routed).some((value) => valuesOf(one, routed).includes(value))),
    );
    const [first] = found;
    const devices = new Set(found.map((other) => other.routed.device ?? other.id));
    if (first !== undefined && devices.size >= least) {
      return { by: 'alert', id: first.id, why: `${name}: ${[...devices].toSorted().join(', ')}` };
    }
  }
  return null;
}
