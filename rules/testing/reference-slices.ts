import type { DeviceContext, DeviceRegistration, KeptFact, Metric, RuleVersion } from '../../domain/index.ts';
import { compileAppliesTo } from '../applies-to.ts';
import type { ReferenceSlice } from './reference.ts';
import type { ReferenceQuality } from './reference-quality.ts';

/**
 * Which version of a rule judges a device when, worked out moment by moment from the facts (docs/rules.md, "Versions"
 * and "Where a rule applies"). Between two moments at which any fact begins to say something, nothing changes.
 */
export function referenceSlices(facts: readonly KeptFact[], ruleId: string, device: string): ReferenceSlice[] {
  const moments = [...new Set(facts.flatMap(momentsOf))].sort((a, b) => a - b);
  const edges = [Number.NEGATIVE_INFINITY, ...moments.filter(Number.isFinite), Number.POSITIVE_INFINITY];
  const slices: ReferenceSlice[] = [];
  for (let i = 0; i + 1 < edges.length; i++) {
    const from = edges[i] as number;
    const to = edges[i + 1] as number;
    const version = versionAt(facts, ruleId, from);
    if (version === null || version.isRemoved || !('metric' in version.rule)) continue;
    const { appliesTo } = version.rule;
    if (appliesTo !== undefined && !compileAppliesTo(appliesTo)(contextAt(facts, device, from))) continue;
    const before = slices.at(-1);
    if (before?.to === from && before.version === version.version) slices[slices.length - 1] = { ...before, to };
    else slices.push({ from, to, rule: version.rule, version: version.version });
  }
  return slices;
}

/** How the device said it reports, by its latest registration. */
export function registeredContext(facts: readonly KeptFact[], device: string): DeviceContext {
  return registrationsOf(facts, device).at(-1)?.context ?? {};
}

function registrationsOf(facts: readonly KeptFact[], device: string): DeviceRegistration[] {
  return facts.flatMap(({ fact }) => (fact.type === 'device' && fact.device.id === device ? fact.device : []));
}

/** What was registered at a time: the latest in the log of those whose time has come. */
function registeredAt(facts: readonly KeptFact[], device: string, time: number): DeviceContext {
  const begun = registrationsOf(facts, device).filter(
    ({ effectiveFrom = Number.NEGATIVE_INFINITY }) => effectiveFrom <= time,
  );
  return begun.at(-1)?.context ?? {};
}

/** Codes that the tests use. */
const CODES: Readonly<Record<string, readonly number[]>> = { ds18b20: [85, -127], pt100: [] };

/** How good a device's temperatures are, by its registrations and calibrations and all that people have said of them. */
export function registeredQuality(facts: readonly KeptFact[], device: string): ReferenceQuality {
  const calibrations = facts.flatMap(({ fact, position }) =>
    fact.type === 'calibration' && fact.calibration.device === device
      ? { ...fact.calibration, from: fact.calibration.effectiveFrom, position }
      : [],
  );
  const moments = new Set([
    Number.NEGATIVE_INFINITY,
    ...calibrations.map(({ from }) => from),
    ...registrationsOf(facts, device).map(({ effectiveFrom = Number.NEGATIVE_INFINITY }) => effectiveFrom),
  ]);
  const measures = [...moments]
    .sort((a, b) => a - b)
    .map((from) => {
      const { sensor = '', corrections, stepPerMinute = 5 } = registeredAt(facts, device, from);
      const offset = corrections?.temperature ?? 0;
      const points = latest(calibrations, from)?.points.map(
        ({ reported, reference }) => [reported, reference - reported] as const,
      );
      const curve = points ?? (offset === 0 ? [] : [[0, offset] as const]);
      return { from, curve, codes: CODES[sensor] ?? [-163.84, -127, -100, 85, 200, 300], stepPerMinute };
    });
  return { measures, said: saidOf(facts, device, 'temperature') };
}

/** The same of what is either so or not: any change is plausible, no value is a code. */
export function registeredSwitch(facts: readonly KeptFact[], device: string, metric: Metric): ReferenceQuality {
  const measures = [{ from: Number.NEGATIVE_INFINITY, curve: [], codes: [], stepPerMinute: Number.POSITIVE_INFINITY }];
  return { measures, said: saidOf(facts, device, metric) };
}

function saidOf(facts: readonly KeptFact[], device: string, metric: Metric) {
  return facts.flatMap(({ fact }) =>
    fact.type === 'setAside' && fact.setAside.device === device && fact.setAside.metric === metric ? fact.setAside : [],
  );
}

function momentsOf({ fact }: KeptFact): number[] {
  if (fact.type === 'rule') return [fact.version.effectiveFrom ?? Number.NEGATIVE_INFINITY];
  if (fact.type === 'attachment') return [fact.attachment.from];
  if (fact.type === 'device') return [fact.device.effectiveFrom ?? Number.NEGATIVE_INFINITY];
  return fact.type === 'asn' ? fact.asn.units.map(({ from }) => from) : [];
}

/** The latest version whose `effectiveFrom` has come. */
function versionAt(facts: readonly KeptFact[], ruleId: string, time: number): RuleVersion | null {
  let inForce: RuleVersion | null = null;
  for (const { fact } of facts) {
    if (fact.type !== 'rule' || fact.version.rule.id !== ruleId) continue;
    const begins = fact.version.effectiveFrom ?? Number.NEGATIVE_INFINITY;
    if (begins <= time && fact.version.version > (inForce?.version ?? 0)) inForce = fact.version;
  }
  return inForce;
}

function contextAt(facts: readonly KeptFact[], device: string, time: number): DeviceContext {
  const asns = new Map(
    facts.flatMap(({ fact, position }) => (fact.type === 'asn' ? [[fact.asn.id, { ...fact, position }]] : [])),
  );
  const puts: { from: number; position: number; subject: string | null }[] = [];
  for (const { fact, position } of facts) {
    if (fact.type === 'attachment' && fact.attachment.device === device) puts.push({ ...fact.attachment, position });
  }
  for (const { asn, position } of asns.values()) {
    for (const unit of asn.units) {
      if (unit.devices.includes(device)) puts.push({ from: unit.from, position, subject: unit.sscc });
    }
  }
  const subject = latest(puts, time)?.subject ?? null;
  const shipped = [...asns.values()].flatMap(({ asn, position }) =>
    asn.units.filter(({ sscc }) => sscc === subject).map(({ from }) => ({ from, position, asn })),
  );
  const asn = latest(shipped, time)?.asn;
  const site = subject?.startsWith('site:') ? { site: subject } : {};
  const lane = asn ? { profile: asn.profile, lane: `${asn.origin}>${asn.destination}` } : {};
  return { ...registeredAt(facts, device, time), ...site, ...lane };
}

function latest<T extends { from: number; position: number }>(candidates: readonly T[], time: number): T | undefined {
  return candidates
    .filter(({ from }) => from <= time)
    .sort((a, b) => a.from - b.from || a.position - b.position)
    .at(-1);
}
