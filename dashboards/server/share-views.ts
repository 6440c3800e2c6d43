import type { Accounts } from '../../access/index.ts';
import { can, metricByName, permissionsAt, type SeenFrom, type TimeSource } from '../../domain/index.ts';
import type { OrganisationStore, Readings, ShipmentShare, ShipmentShares } from '../../storage/index.ts';
import type { DeviceRecords, ShipmentDetailRecord } from '../../trace/index.ts';
import {
  type Condition,
  formatTime,
  SHARED_CONTENTS,
  type SharedChartView,
  type SharedContent,
  type SharedSerialsView,
  type SharedShipmentView,
  type ShareView,
} from '../api/index.ts';
import { type Directory, placesOf } from './directory.ts';
import { Refusal } from './problems.ts';
import type { ReadingQualities } from './reading-qualities.ts';
import type { Reports, ReportViews } from './report/reports.ts';

export interface ShareViewsOptions {
  readonly accounts: Accounts;
  readonly at: (seenFrom: SeenFrom) => ReportViews;
  readonly directory: Directory;
  readonly organisation: OrganisationStore;
  readonly qualities: ReadingQualities;
  readonly readings: Readings;
  readonly records: DeviceRecords;
  readonly reports: Reports;
  readonly shares: ShipmentShares;
  readonly time: TimeSource;
}

/** A link that holds now, with what its maker sees. */
export interface OpenShare {
  readonly share: ShipmentShare;
  readonly seenFrom: SeenFrom;
}

/** The same picture is shown for so long to all who look: a link that goes round a company costs one look, not a thousand. */
const FRESH_MS = 2_000;
const MOST_KEPT = 500;
const CHART_POINTS = 1_000;
const SERIALS_A_PAGE = 500;

/**
 * What links show to customers, and whether they still hold. Whatever is shown is what the maker of the link sees now: it is
 * looked up by the maker's sites and rights at each request, so what the maker loses the link loses.
 */
export class ShareViews {
  readonly #options: ShareViewsOptions;
  readonly #kept = new Map<number, { readonly at: number; readonly view: Promise<SharedShipmentView> }>();

  constructor(options: ShareViewsOptions) {
    this.#options = options;
  }

  /** @throws {Refusal} 404 SHARE_UNKNOWN: unknown, ended, withdrawn or without its maker's right, all in the same words */
  async open(token: string): Promise<OpenShare> {
    const share = await this.#options.shares.find(token);
    if (share === null || (await this.#stateOf(share)) !== 'open') throw unknownShare();
    const { sites } = await this.#options.accounts.users.get(share.madeBy);
    const { directory, at } = this.#options;
    const seenFrom = placesOf(await directory.registered(), sites);
    if ((await at(seenFrom).trace.shipment(share.shipment)) === null) throw unknownShare();
    return { share, seenFrom };
  }

  /** As lists show it to who may share. */
  async view(share: ShipmentShare): Promise<ShareView> {
    const { shipment: _shipment, madeAt, endsAt, revokedAt, viewedAt, contents, ...rest } = share;
    return {
      ...rest,
      contents: contentsOf(contents),
      state: await this.#stateOf(share),
      ...{ madeAt: formatTime(madeAt), endsAt: formatTime(endsAt) },
      ...{ revokedAt: formatTime(revokedAt), viewedAt: formatTime(viewedAt) },
    };
  }

  async shipment(open: OpenShare): Promise<SharedShipmentView> {
    const now = this.#options.time.now();
    const known = this.#kept.get(open.share.id);
    if (known !== undefined && now - known.at < FRESH_MS) return known.view;
    const view = this.#look(open, now);
    this.#kept.delete(open.share.id);
    this.#kept.set(open.share.id, { at: now, view });
    view.catch(() => this.#kept.delete(open.share.id));
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MOST_KEPT) break;
      this.#kept.delete(oldest);
    }
    return view;
  }

  /** @throws {Refusal} 404 SHARE_UNKNOWN where the link does not show it */
  async chart({ share, seenFrom }: OpenShare): Promise<SharedChartView> {
    requireContent(share, 'chart');
    const { qualities, readings, records, time } = this.#options;
    const record = await this.#record({ share, seenFrom });
    const from = record.leftAt ?? Math.min(record.departs, time.now());
    const to = record.receivedAt ?? record.closedAt ?? time.now() + 1;
    const metric = metricByName('temperature')?.code ?? 0;
    const devices = await records.around(share.shipment, from, to);
    const loggers = new Map<string, SharedChartView['loggers'][number]['items']>();
    for (const { device, ...span } of devices) {
      const key = { device, metric, ...span };
      // All of the way in one answer: what is left out at its end looks like goods that were well.
      const { items } = await qualities.drawn(key, CHART_POINTS, 'judged', readings);
      loggers.set(device, [...(loggers.get(device) ?? []), ...items]);
    }
    return { loggers: [...loggers.values()].map((items) => ({ items })) };
  }

  /** @throws {Refusal} 404 SHARE_UNKNOWN where the link does not show them */
  async serials({ share, seenFrom }: OpenShare, cursor: string | undefined): Promise<SharedSerialsView> {
    requireContent(share, 'serials');
    const { trace } = this.#options.at(seenFrom);
    const page = await trace.serialsOf(share.shipment, { limit: SERIALS_A_PAGE, cursor });
    const items = page.items.map(({ gtin, serial, lot, expiry, unit }) => ({ gtin, serial, lot, expiry, unit }));
    return { items, nextCursor: page.nextCursor };
  }

  /** @throws {Refusal} 404 SHARE_UNKNOWN where the link does not show it */
  report({ share, seenFrom }: OpenShare, language: 'en' | 'de' | 'fr' | 'es' | 'pl' = 'en'): Promise<Buffer> {
    requireContent(share, 'report');
    const query = { zone: 'UTC', unit: 'C', language } as const;
    return this.#options.reports.shipment(share.shipment, {
      ...{ query, seen: this.#options.at(seenFrom), withAudit: false, onDrawn: () => {} },
    });
  }

  async #record({ share, seenFrom }: OpenShare): Promise<ShipmentDetailRecord> {
    const record = await this.#options.at(seenFrom).trace.shipment(share.shipment);
    if (record === null) throw unknownShare();
    return record;
  }

  async #look({ share, seenFrom }: OpenShare, now: number): Promise<SharedShipmentView> {
    const { at, organisation } = this.#options;
    const [record, view, own] = await Promise.all([
      this.#record({ share, seenFrom }),
      at(seenFrom).shipmentViews.detail(share.shipment),
      organisation.get(),
    ]);
    const { id: _profile, ...profile } = view.profile;
    return {
      shipment: view.id,
      state: view.state,
      organisation: own?.name ?? null,
      sharer: share.contents.includes('sharer') ? share.madeBy : null,
      ...{ recipient: share.recipient, endsAt: formatTime(share.endsAt), profile },
      ...{ origin: view.origin.name, destination: view.destination.name, place: view.place?.name ?? null },
      ...{ departs: view.departs, arrives: view.arrives },
      ...{ leftAt: formatTime(record.leftAt), receivedAt: formatTime(record.receivedAt) },
      ...{ condition: plainCondition(view.condition), lastHeard: view.lastHeard },
      products: view.products.map(({ gtin, name, lot, expiry }) => ({ gtin, name, lot, expiry })),
      units: view.units
        .filter(({ parent }) => parent === null)
        .map(({ epc, serialCount, condition }) => ({ epc, serialCount, condition: plainCondition(condition) })),
      serialCount: view.serialCount,
      contents: contentsOf(share.contents),
      asOf: formatTime(now),
    };
  }

  async #stateOf({ endsAt, revokedAt, madeBy }: ShipmentShare): Promise<ShareView['state']> {
    if (revokedAt !== null) return 'revoked';
    const { accounts, time } = this.#options;
    if (endsAt <= time.now()) return 'ended';
    const maker = await accounts.users.get(madeBy);
    if (maker.isDisabled) return 'withoutRight';
    const { permissions } = await accounts.roles.get(maker.role);
    const mayNow = { permissions: permissionsAt(new Set(permissions), maker.sites), sites: maker.sites };
    return can(mayNow, 'shipment.share') && can(mayNow, 'records.read') ? 'open' : 'withoutRight';
  }
}

export function unknownShare(): Refusal {
  const message =
    'this link leads nowhere: it has ended, was withdrawn, or was not copied whole; ask whoever sent it to you for another';
  return new Refusal(404, 'SHARE_UNKNOWN', message);
}

/** What a link does not show is not there. */
function requireContent({ contents }: ShipmentShare, content: SharedContent): void {
  if (!contents.includes(content)) throw unknownShare();
}

/** A kind that another version knew is not shown. */
function contentsOf(kept: readonly string[]): SharedContent[] {
  return SHARED_CONTENTS.filter((content) => kept.includes(content));
}

/** Without which logger says so. */
function plainCondition({ device: _device, ...condition }: Condition) {
  return condition;
}
