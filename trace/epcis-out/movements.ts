import type pg from 'pg';
import type { EpcisEvent } from '../../codecs/epcis/index.ts';
import type { Epc, Portal } from '../../domain/index.ts';
import type { Evidence, KeptPass, PassOutcome } from '../passes/index.ts';
import { localTime } from './local-time.ts';
import type { Publication } from './publish.ts';

/** A pass that may still change is published this long after it should have settled, ms. */
export const UNSETTLED_MS = 60_000;

/** A pass with what was found of it. */
export interface DecidedPass {
  readonly portal: Portal;
  readonly pass: KeptPass;
  readonly evidence: Pick<Evidence, 'ancestors'>;
  readonly outcome: PassOutcome;
}

export function passPublication(id: number): string {
  return `pass:${id}`;
}

/**
 * What is published of passes to partners: an ObjectEvent for each way in which something went through, with what went and what of
 * it was read, and one for what was read without a direction. Strays did not pass, and tags that hold no EPC are
 * nobody's.
 *
 * @param now the platform's clock, epoch ms UTC
 */
export async function movements(
  client: pg.ClientBase,
  passes: readonly DecidedPass[],
  now: number,
): Promise<Publication[]> {
  const mayChange = ({ pass, outcome }: DecidedPass) =>
    outcome.verdict.isProvisional && pass.settlesAt + UNSETTLED_MS > now;
  const published = await publishedOf(client, passes.filter(mayChange));
  const due = passes.filter((one) => !mayChange(one) || published.has(passPublication(one.pass.id)));
  const sites = await routesOf(client, due);
  const publications: Publication[] = [];
  for (const { portal, pass, evidence, outcome } of due) {
    const steps = new Map<Epc, BizStep>();
    const shipments = new Map(outcome.units.map(({ unit, shipment }) => [unit, shipment]));
    for (const { epc, direction } of outcome.moved) {
      const route = sites.get(shipments.get(epc) ?? '');
      if (direction === 'in') steps.set(epc, route?.destination === portal.site ? 'receiving' : 'arriving');
      if (direction === 'out') steps.set(epc, route?.origin === portal.site ? 'shipping' : 'departing');
    }
    const epcs = new Map<BizStep | 'seen', Set<Epc>>();
    const add = (step: BizStep | 'seen', epc: Epc) => epcs.set(step, (epcs.get(step) ?? new Set()).add(epc));
    for (const [epc, step] of steps) add(step, epc);
    const read = outcome.reads.filter(({ status, epc }) => status !== 'stray' && !epc.startsWith('urn:epc:raw:'));
    for (const { epc } of read) {
      const moved = [epc, ...evidence.ancestors(epc)].find((one) => steps.has(one));
      add(moved === undefined ? 'seen' : (steps.get(moved) ?? 'seen'), epc);
    }
    const { eventTime, eventTimeZoneOffset } = await localTime(client, portal.site, pass.from);
    const events = new Map<string, EpcisEvent>();
    for (const [step, list] of epcs) {
      const place = step === 'receiving' || step === 'arriving' ? portal.inside : portal.outside;
      events.set(step, {
        ...{ type: 'ObjectEvent', eventTime, eventTimeZoneOffset, epcList: [...list].sort(), action: 'OBSERVE' },
        ...(step !== 'seen' && { bizStep: step, disposition: DISPOSITION[step] }),
        readPoint: { id: portalUri(portal.id) },
        ...(step !== 'seen' && { bizLocation: { id: place } }),
      });
    }
    publications.push({ source: passPublication(pass.id), events });
  }
  return publications;
}

/** What may still change is not published, only kept right where it is already. */
async function publishedOf(client: pg.ClientBase, passes: readonly DecidedPass[]): Promise<ReadonlySet<string>> {
  if (passes.length === 0) return new Set();
  const { rows } = await client.query<{ source: string }>(
    'SELECT source FROM epcis_published WHERE source = ANY($1::text[])',
    [passes.map(({ pass }) => passPublication(pass.id))],
  );
  return new Set(rows.map(({ source }) => source));
}

/** Passes that should have settled and are not published: their reader does not report how far it is complete. */
export async function passesOverdue(client: pg.ClientBase, now: number): Promise<number[]> {
  const { rows } = await client.query<{ id: number }>(
    `SELECT id FROM passes p WHERE is_provisional AND settles_at <= $1 AND settles_at > $2
       AND NOT EXISTS (SELECT FROM epcis_published s WHERE s.source = 'pass:' || p.id)
       AND EXISTS (SELECT FROM pass_reads r WHERE r.pass = p.id)`,
    [now - UNSETTLED_MS, now - LOOK_BACK_MS],
  );
  return rows.map(({ id }) => id);
}

/** Older ones were overdue when they were formed, and published at once. */
const LOOK_BACK_MS = 24 * 3_600_000;

type BizStep = 'receiving' | 'arriving' | 'shipping' | 'departing';

/** CBV 2.0, section 7.2: what has come in is being worked on, what has left is under way. */
const DISPOSITION: Readonly<Record<BizStep, string>> = {
  ...{ receiving: 'in_progress', arriving: 'in_progress', shipping: 'in_transit', departing: 'in_transit' },
};

/** A portal's id as URI. */
function portalUri(id: string): string {
  return /^(urn:|https?:\/\/|portal:)/.test(id) ? id : `portal:${id}`;
}

async function routesOf(
  client: pg.ClientBase,
  passes: readonly DecidedPass[],
): Promise<ReadonlyMap<string, { readonly origin: string; readonly destination: string }>> {
  const ids = new Set(passes.flatMap(({ outcome }) => outcome.units.flatMap(({ shipment }) => shipment ?? [])));
  if (ids.size === 0) return new Map();
  const { rows } = await client.query<{ id: string; origin: string; destination: string }>(
    'SELECT id, origin, destination FROM shipments WHERE id = ANY($1::text[])',
    [[...ids]],
  );
  return new Map(rows.map((row) => [row.id, row]));
}
