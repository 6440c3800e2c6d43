import {
  type Asn,
  type CalibrationFact,
  type DeviceContext,
  type DeviceRegistration,
  type Fact,
  InputError,
  type KeptFact,
  type Metric,
  type RegisteredSpan,
  type RuleVersion,
  registeredSpans,
  type SetAsideFact,
  type TimeSpan,
  withSetAside,
} from '../../domain/index.ts';
import { compileAppliesTo } from '../applies-to.ts';
import { type ContextSpan, type DeviceHabits, type DeviceRecord, Rulebook } from '../rulebook.ts';

/** What a fact changes for the rules. */
export interface FactEffect {
  readonly hasNewRules: boolean;
  /** Devices whose context may differ now; null = any. */
  readonly devices: ReadonlySet<string> | null;
}

interface AttachedFrom {
  readonly from: number;
  readonly position: number;
  readonly subject: string | null;
}

interface ShippedFrom {
  readonly from: number;
  readonly position: number;
  readonly asn: Asn;
}

const NOTHING: FactEffect = { hasNewRules: false, devices: new Set() };

/**
 * Facts about devices, as contexts over time (docs/rules.md, "Where a rule applies"): a pure function of the
 * set of facts with their log positions, whatever order they are added in.
 */
export class Contexts {
  readonly #versions = new Map<string, RuleVersion>();
  /** Registrations, by device: those that still say something of some time, in log order. */
  readonly #registrations = new Map<string, { readonly position: number; readonly device: DeviceRegistration }[]>();
  readonly #calibrations = new Map<string, { readonly position: number; readonly fact: CalibrationFact }[]>();
  /** Attachment facts, by device. */
  readonly #attachments = new Map<string, AttachedFrom[]>();
  /** What people say of readings, by device. */
  readonly #setAside = new Map<string, { readonly position: number; readonly fact: SetAsideFact }[]>();
  readonly #asns = new Map<string, { position: number; asn: Asn }>();
  /** What notices say, by device and by unit; derived from the latest notice of each shipment. */
  readonly #noticed = new Map<string, Map<string, AttachedFrom[]>>();
  readonly #shipped = new Map<string, Map<string, ShippedFrom>>();
  readonly #parents = new Map<string, { position: number; parent: string | null }>();
  /** Devices that some fact has put on a unit; where it is no longer so, asking once too often does no harm. */
  readonly #devicesOn = new Map<string, Set<string>>();
  readonly #onRefused: (version: RuleVersion, error: InputError) => void;
  #rulebook = new Rulebook([]);

  /** @param onRefused called with a rule version that does not compile; the versions before it stay in force */
  constructor({ onRefused }: { readonly onRefused: (version: RuleVersion, error: InputError) => void }) {
    this.#onRefused = onRefused;
  }

  get rulebook(): Rulebook {
    return this.#rulebook;
  }

  add(facts: readonly KeptFact[]): FactEffect {
    const effects = facts.map(({ position, fact }) => this.#take(position, fact));
    const hasNewRules = effects.some((effect) => effect.hasNewRules);
    if (hasNewRules) this.#rulebook = new Rulebook([...this.#versions.values()]);
    if (effects.some(({ devices }) => devices === null)) return { hasNewRules, devices: null };
    return { hasNewRules, devices: new Set(effects.flatMap(({ devices }) => [...(devices ?? [])])) };
  }

  recordOf(device: string): DeviceRecord {
    const told = (this.#registrations.get(device) ?? []).map((one) => one.device);
    const habits: DeviceHabits = told.at(-1)?.context ?? {};
    const registered = registeredSpans(told);
    const calibrations = (this.#calibrations.get(device) ?? []).map(({ fact }) => fact);
    const spans = this.#spansUnder(device, registered);
    return { ...habits, registered, calibrations, spans, setAside: this.#setAsideOf(device) };
  }

  /** The contexts of a device, each over what was registered then. */
  #spansUnder(device: string, registered: readonly RegisteredSpan[]): ContextSpan[] {
    const nothing: RegisteredSpan = { from: Number.NEGATIVE_INFINITY, context: {} };
    const all = registered[0]?.from === Number.NEGATIVE_INFINITY ? registered : [nothing, ...registered];
    return all.flatMap(({ from, context: { profile, product, lane, site, labels } }, i) => {
      const to = all[i + 1]?.from ?? Number.POSITIVE_INFINITY;
      const base: DeviceContext = JSON.parse(JSON.stringify({ profile, product, lane, site, labels }));
      return this.#spansOf(device, base).flatMap((span) => {
        const [begin, end] = [Math.max(from, span.from), Math.min(to, span.to)];
        return begin < end ? [{ ...span, from: begin, to: end }] : [];
      });
    });
  }

  /** What is set aside of a device's readings, by metric: in log order, whatever order the facts came in. */
  #setAsideOf(device: string): ReadonlyMap<Metric, readonly TimeSpan[]> {
    const spans = new Map<Metric, TimeSpan[]>();
    const facts = this.#setAside.get(device) ?? [];
    for (const { fact } of facts.toSorted((a, b) => a.position - b.position)) {
      spans.set(fact.metric, withSetAside(spans.get(fact.metric) ?? [], fact));
    }
    return spans;
  }

  /** A shipment's latest notice and the devices that some fact has put on its units; null where there is none. */
  shipment(id: string): { readonly asn: Asn; readonly devices: ReadonlySet<string> } | null {
    const asn = this.#asns.get(id)?.asn;
    if (asn === undefined) return null;
    const devices = asn.units.flatMap(({ sscc }) => [...(this.#devicesOn.get(sscc) ?? [])]);
    return { asn, devices: new Set(devices) };
  }

  #take(position: number, fact: Fact): FactEffect {
    switch (fact.type) {
      case 'rule':
        return this.#takeRule(fact.version);
      case 'device': {
        this.#takeRegistration(position, fact.device);
        return { ...NOTHING, devices: new Set([fact.device.id]) };
      }
      case 'calibration': {
        const { device } = fact.calibration;
        const told = [...(this.#calibrations.get(device) ?? []), { position, fact: fact.calibration }];
        this.#calibrations.set(device, told.sort(byPosition));
        return { ...NOTHING, devices: new Set([device]) };
      }
      case 'attachment': {
        const { device, subject, from } = fact.attachment;
        const told = this.#attachments.get(device) ?? [];
        this.#attachments.set(device, [...told, { from, position, subject }]);
        if (subject !== null) this.#noteOn(subject, device);
        return { ...NOTHING, devices: new Set([device]) };
      }
      case 'place': {
        const { id, parent } = fact.place;
        if ((this.#parents.get(id)?.position ?? -1) > position) return NOTHING;
        this.#parents.set(id, { position, parent });
        return { ...NOTHING, devices: null };
      }
      case 'setAside': {
        const { setAside } = fact;
        const told = this.#setAside.get(setAside.device) ?? [];
        this.#setAside.set(setAside.device, [...told, { position, fact: setAside }]);
        return { ...NOTHING, devices: new Set([setAside.device]) };
      }
      case 'asn':
        return this.#takeNotice(position, fact.asn);
      default:
        return NOTHING;
    }
  }

  /** One that holds of all time leaves nothing to say to those before it. */
  #takeRegistration(position: number, device: DeviceRegistration): void {
    const told = [...(this.#registrations.get(device.id) ?? []), { position, device }].sort(byPosition);
    const first = told.findLastIndex((one) => one.device.effectiveFrom === undefined);
    this.#registrations.set(device.id, told.slice(Math.max(0, first)));
  }

  #takeRule(version: RuleVersion): FactEffect {
    try {
      if (version.rule.appliesTo !== undefined) compileAppliesTo(version.rule.appliesTo);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.#onRefused(version, error);
      return NOTHING;
    }
    this.#versions.set(`${version.rule.id} ${version.version}`, version);
    return { ...NOTHING, hasNewRules: true };
  }

  /** A later notice of a shipment takes the place of the earlier one. */
  #takeNotice(position: number, asn: Asn): FactEffect {
    const before = this.#asns.get(asn.id);
    if (before !== undefined && before.position > position) return NOTHING;
    this.#asns.set(asn.id, { position, asn });
    const devices = new Set(before === undefined ? [] : this.#forget(before.asn));
    for (const { sscc, devices: attached, from } of asn.units) {
      at(this.#shipped, sscc).set(asn.id, { from, position, asn });
      for (const device of attached) {
        const notices = at(this.#noticed, device);
        notices.set(asn.id, [...(notices.get(asn.id) ?? []), { from, position, subject: sscc }]);
        this.#noteOn(sscc, device);
      }
      for (const device of this.#devicesOn.get(sscc) ?? []) devices.add(device);
    }
    return { hasNewRules: false, devices };
  }

  #forget(asn: Asn): string[] {
    for (const { sscc, devices } of asn.units) {
      this.#shipped.get(sscc)?.delete(asn.id);
      for (const device of devices) this.#noticed.get(device)?.delete(asn.id);
    }
    return asn.units.flatMap(({ sscc }) => [...(this.#devicesOn.get(sscc) ?? [])]);
  }

  #noteOn(unit: string, device: string): void {
    const devices = this.#devicesOn.get(unit);
    if (devices === undefined) this.#devicesOn.set(unit, new Set([device]));
    else devices.add(device);
  }

  #spansOf(device: string, base: DeviceContext): ContextSpan[] {
    const attachments = [
      ...(this.#attachments.get(device) ?? []),
      ...[...(this.#noticed.get(device)?.values() ?? [])].flat(),
    ].sort(byFromAndPosition);
    const spans: ContextSpan[] = [];
    let from = Number.NEGATIVE_INFINITY;
    let subject: string | null = null;
    for (const attachment of attachments) {
      this.#addSpans(spans, base, subject, from, attachment.from);
      ({ from, subject } = attachment);
    }
    this.#addSpans(spans, base, subject, from, Number.POSITIVE_INFINITY);
    return spans;
  }

  /** The contexts of a device that is on `subject` during [from, to). */
  #addSpans(spans: ContextSpan[], base: DeviceContext, subject: string | null, from: number, to: number): void {
    const shipments = [...(this.#shipped.get(subject ?? '')?.values() ?? [])].sort(byFromAndPosition);
    const site = subject === null ? null : this.#siteOf(subject);
    const add = (until: number, more: DeviceContext) => {
      const since = Math.max(from, spans.at(-1)?.to ?? from);
      if (since < until) spans.push({ from: since, to: until, context: { ...base, ...more } });
    };
    const there: DeviceContext = site === null ? {} : { site };
    let shipment: Asn | null = null;
    for (const next of shipments) {
      add(Math.min(next.from, to), { ...there, ...contextOf(shipment) });
      shipment = next.asn;
    }
    add(to, { ...there, ...contextOf(shipment) });
  }

  /** The site a place is in, itself included; null for what is no place or in no known site. */
  #siteOf(subject: string): string | null {
    let place: string | null = subject;
    for (let depth = 0; depth < 16 && place !== null; depth++) {
      if (place.startsWith('site:')) return place;
      place = this.#parents.get(place)?.parent ?? null;
    }
    return null;
  }
}

function contextOf(asn: Asn | null): DeviceContext {
  if (asn === null) return {};
  const product = asn.products[0]?.gtin;
  const lane = `${asn.origin}>${asn.destination}`;
  return { profile: asn.profile, lane, ...(product === undefined ? {} : { product }) };
}

function byPosition(a: { readonly position: number }, b: { readonly position: number }): number {
  return a.position - b.position;
}

/** A later `from` ends the earlier; with equal `from` the later log position wins. */
function byFromAndPosition(a: AttachedFrom | ShippedFrom, b: AttachedFrom | ShippedFrom): number {
  return a.from - b.from || a.position - b.position;
}

function at<K, V>(maps: Map<string, Map<K, V>>, name: string): Map<K, V> {
  let map = maps.get(name);
  if (map === undefined) {
    map = new Map();
    maps.set(name, map);
  }
  return map;
}
