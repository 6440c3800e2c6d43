import type { Finding } from './finding.ts';
import type { Words } from './texts/index.ts';

/**
 * What a rule over passes found, by the key of its sentence: its own words, or those of `unexpected` and `blocked`, which
 * say how many of what stopped where. null: it is of no pass.
 */
export function passWords({ kind, portal }: Pick<Finding, 'kind' | 'portal'>): Words | null {
  if (portal === undefined) return null;
  const counted = { portal: portal.portal, serials: portal.epcs.length };
  if (kind === 'unexpected') return { key: 'summary.unexpected', values: counted };
  if (kind === 'blocked') {
    return { key: 'summary.blocked', values: { ...counted, reasons: statusesText(portal.statuses) ?? '–' } };
  }
  return portal.words ?? null;
}

/** `3 recalled, 1 stolen`; undefined where none is said. */
export function statusesText(statuses: readonly string[] | undefined): string | undefined {
  if (statuses === undefined) return undefined;
  const counts = [...Map.groupBy(statuses, (status) => status)].sort(([a], [b]) => (a < b ? -1 : 1));
  return counts.map(([status, { length }]) => `${length} ${status.replace('_', ' ')}`).join(', ');
}
