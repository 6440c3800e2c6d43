import type { Origination } from './audit.ts';
import type { CalibrationFact } from './calibration.ts';
import type { DecisionFact } from './decision.ts';
import type { Effects } from './log.ts';
import type { Place, Portal } from './place.ts';
import type { SetAsideFact } from './quality.ts';
import type { DeviceContext, RuleVersion } from './rule.ts';
import type { Asn, Epc, ProductMaster } from './shipment.ts';

type FactContent =
  | { readonly type: 'asn'; readonly asn: Asn; readonly correction?: NoticeCorrection }
  | { readonly type: 'closing'; readonly closing: ClosingFact }
  | { readonly type: 'cancelling'; readonly cancelling: CancellingFact }
  | { readonly type: 'count'; readonly count: CountFact }
  | { readonly type: 'settlement'; readonly settlement: SettlementFact }
  | { readonly type: 'damage'; readonly damage: DamageFact }
  | { readonly type: 'product'; readonly product: ProductMaster }
  | { readonly type: 'place'; readonly place: Place }
  | { readonly type: 'portal'; readonly portal: Portal }
  | { readonly type: 'device'; readonly device: DeviceRegistration }
  | { readonly type: 'calibration'; readonly calibration: CalibrationFact }
  | { readonly type: 'attachment'; readonly attachment: AttachmentFact }
  | { readonly type: 'packing'; readonly packing: PackingFact }
  | { readonly type: 'epcis'; readonly capture: EpcisCapture }
  | { readonly type: 'decision'; readonly decision: DecisionFact }
  | { readonly type: 'setAside'; readonly setAside: SetAsideFact }
  | { readonly type: 'rule'; readonly version: RuleVersion };

/**
 * What people and partner systems tell the platform, as it stands in the `trace` family of the log (kind `fact`,
 * JSON). The tracer keeps each in the `facts` table with its log position; all state of `trace/` and the evaluator's
 * contexts are rebuilt from there.
 */
export type Fact = FactContent & {
  /** The name of who told it. */
  readonly by: string;
  /** Who, and from where, for the audit trail; it is kept there and not with the fact. */
  readonly origination?: Origination;
};

export type FactType = Fact['type'];

export const FACT_VERSION = 1;

export interface DeviceRegistration {
  readonly id: string;
  readonly kind: 'logger' | 'sensor' | 'gateway';
  readonly name?: string;
  readonly context: DeviceContext;
  /** Event time, epoch ms UTC, from which it holds; before it what was registered before. Absent: of all time. */
  readonly effectiveFrom?: number;
}

/** A registration with the event time from which it holds. */
export interface RegisteredSpan {
  readonly from: number;
  readonly context: DeviceContext;
}

/** What holds when, by registrations of one device in log order: each takes over from its own time on. Ascending. */
export function registeredSpans(
  registrations: readonly Pick<DeviceRegistration, 'context' | 'effectiveFrom'>[],
): RegisteredSpan[] {
  let spans: RegisteredSpan[] = [];
  for (const { context, effectiveFrom: from = Number.NEGATIVE_INFINITY } of registrations) {
    spans = [...spans.filter((span) => span.from < from), { from, context }];
  }
  return spans;
}

/** A device put on a unit (EPC) or into a place from a moment on; `subject` null takes it off. */
export interface AttachmentFact {
  readonly device: string;
  readonly subject: string | null;
  readonly from: number;
  /** Where it was done on a shipment's page: why, and of which shipment. */
  readonly reason?: string;
  readonly shipment?: string;
}

/** Why a notice takes the place of the one before, and what differs: for the audit trail. */
export interface NoticeCorrection {
  readonly reason: string;
  readonly old: Readonly<Record<string, unknown>>;
  readonly new: Readonly<Record<string, unknown>>;
}

/** A person cancelled a shipment, so that nothing is expected of it from `at` on, or took that back; epoch ms UTC. */
export interface CancellingFact {
  readonly shipment: string;
  readonly at: number;
  readonly isCancelled: boolean;
  readonly reason: string;
}

/** A person declared a shipment done: nothing is expected of it any more from `at` on, epoch ms UTC. */
export interface ClosingFact {
  readonly shipment: string;
  readonly at: number;
}

/** A person opened a unit: all that was found in it, what of that is damaged too. */
export interface CountFact {
  readonly unit: Epc;
  readonly at: number;
  readonly found: readonly Epc[];
  readonly damaged: readonly Epc[];
}

/** A person settled differences between what was expected and what was seen. */
export interface SettlementFact {
  /** For whoever reads the log; a settlement holds of the differences, whichever shipment they are of. */
  readonly shipment: string | null;
  readonly differences: readonly {
    /** In the words of docs/trace.md, "Reconciliation". */
    readonly term: string;
    readonly epc: Epc;
    readonly portal: string | null;
    readonly since: number;
  }[];
  readonly how: 'scan' | 'recount' | 'paperwork' | 'other';
  readonly reason: string;
  readonly at: number;
}

/** A person at a door found serials or units of a pass damaged. */
export interface DamageFact {
  /** `pass-12` */
  readonly pass: string;
  readonly epcs: readonly Epc[];
  /** SHA-256 of its photos, hex. */
  readonly photos: readonly string[];
  readonly note: string | null;
  /** When the person saw it, epoch ms UTC. */
  readonly at: number;
}

/** EPCs were packed into a unit, or unpacked into nothing, from a moment on: a scan, an EPCIS aggregation. */
export interface PackingFact {
  readonly unit: Epc;
  readonly children: readonly Epc[];
  readonly isUnpacked: boolean;
  readonly from: number;
}

/** An element of a vocabulary (EPCIS 2.0, section 9.4). */
export interface EpcisMasterData {
  readonly type: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  readonly children: readonly string[];
}

/** What one request to the EPCIS capture interface brought: one record of the log, so all of it or nothing. */
export interface EpcisCapture {
  readonly id: string;
  /** When it was captured, epoch ms UTC: the record time of its events. */
  readonly at: number;
  readonly errorBehaviour: 'rollback' | 'proceed';
  /** Entries of the document's `@context` besides GS1's own: prefixes by namespace, URLs. */
  readonly context: readonly (string | Readonly<Record<string, string>>)[];
  /** What the document said of places and products that events name; absent: nothing. */
  readonly masterData?: readonly EpcisMasterData[];
  /** As JSON-LD has them, checked, with all that they came with. */
  readonly events: readonly Readonly<Record<string, unknown>>[];
  /** Why other events of the document were not taken. */
  readonly refused: readonly { readonly path: string; readonly given: string; readonly allowed: string }[];
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

export function encodeJson(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}

/** For payloads this platform wrote itself (facts, ticks): they are trusted after the boundary that accepted them. */
export function decodeJson<T>(payload: Uint8Array): T {
  return JSON.parse(decoder.decode(payload)) as T;
}

export interface KeptFact {
  readonly position: number;
  /** Epoch ms UTC. */
  readonly arrival: number;
  readonly fact: Fact;
}

/** The record table of facts. Written by the tracer with its checkpoint; implemented by storage. */
export interface Facts {
  keep(effects: Effects, facts: readonly KeptFact[]): Promise<void>;
  /** In log order; all types when none is named. @param after only those of later positions */
  all(types?: readonly FactType[], after?: number): Promise<readonly KeptFact[]>;
}
