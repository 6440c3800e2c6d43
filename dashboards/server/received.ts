import type { Fact, OriginalSubject, Origination } from '../../domain/index.ts';

/** A request as it came: what the archive keeps beside the facts that were made of it. */
export interface Received {
  /** Name of the user or token. */
  readonly source: string;
  /** Who sent it, for the audit trail; null where anyone may and nobody was signed in. */
  readonly origination: Origination | null;
  /** `POST /api/v1/shipments` */
  readonly door: string;
  readonly payload: Uint8Array;
}

/** What the facts of a request speak of, at the moment it came. */
export function subjectsOf(facts: readonly Fact[], arrival: number): OriginalSubject[] {
  return [...new Set(facts.map(subjectOf))].map((id) => ({ id, from: arrival, to: arrival }));
}

function subjectOf(fact: Fact): string {
  switch (fact.type) {
    case 'asn':
      return `shipment:${fact.asn.id}`;
    case 'epcis':
      return `capture:${fact.capture.id}`;
    case 'count':
      return `unit:${fact.count.unit}`;
    case 'settlement':
      return `shipment:${fact.settlement.shipment ?? 'none'}`;
    case 'damage':
      return `pass:${fact.damage.pass}`;
    case 'closing':
      return `shipment:${fact.closing.shipment}`;
    case 'cancelling':
      return `shipment:${fact.cancelling.shipment}`;
    case 'product':
      return `product:${fact.product.gtin}`;
    case 'device':
      return fact.device.id;
    case 'calibration':
      return fact.calibration.device;
    case 'attachment':
      return fact.attachment.device;
    case 'packing':
      return `unit:${fact.packing.unit}`;
    case 'place':
      return fact.place.id;
    case 'portal':
      return `portal:${fact.portal.id}`;
    case 'decision':
      return `case:${fact.decision.case}`;
    case 'setAside':
      return fact.setAside.device;
    case 'rule':
      return `rule:${fact.version.rule.id}`;
  }
}
