import { type Exposure, type Finding, metricByName } from '../../domain/index.ts';

/** Each is some milliseconds: of more nobody waits for the count. */
const MOST_FINDINGS = 500;

/**
 * How many serials findings touch: those that shared the air of their devices then; of goods
 * as many as each names, of passes those that are named.
 * @returns null where there are too many findings to look at each
 */
export async function touchedSerials(
  exposure: Pick<Exposure, 'affected'>,
  findings: readonly Finding[],
): Promise<number | null> {
  if (findings.length > MOST_FINDINGS) return null;
  const touched = new Set<string>();
  let named = 0;
  for (const { key, from, to, runs, portal, goods } of findings) {
    for (const epc of portal?.epcs ?? []) touched.add(epc);
    named += goods?.serials ?? 0;
    const slash = key.lastIndexOf('/');
    const metric = metricByName(key.slice(slash + 1));
    if (metric === undefined || portal !== undefined || goods !== undefined) continue;
    const query = { device: key.slice(0, slash), metric: metric.code, from, to: to ?? runs.at(-1)?.to ?? null, runs };
    for (const { serials } of await exposure.affected(query)) for (const epc of serials) touched.add(epc);
  }
  return touched.size + named;
}
