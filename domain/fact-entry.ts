import { type NewAuditEntry, PLATFORM } from './audit.ts';
import type { KeptFact } from './fact.ts';

/** What a fact decides, as the audit trail has it. Long lists are counted: the fact itself stands under its position. */
type Decision = Pick<NewAuditEntry, 'action' | 'subject' | 'old' | 'new' | 'reason'>;

/**
 * The entry of the audit trail that a fact leaves where it is kept. `old` is left to whoever keeps it, unless the fact says it.
 * Who told a fact without saying from where is named as the fact names them.
 */
export function entryOfFact(kept: KeptFact): NewAuditEntry {
  const { fact, arrival, position } = kept;
  const { actor, origin } = fact.origination ?? {
    actor: { ...PLATFORM, id: `name:${fact.by}`, name: fact.by },
    origin: { via: 'platform', address: null },
  };
  const decision = decisionOf(fact);
  return { actor, origin, at: arrival, ...decision, new: { ...(decision.new as object), position } };
}

function decisionOf(fact: KeptFact['fact']): Decision {
  switch (fact.type) {
    case 'asn': {
      const { id, profile, origin, destination, departs, arrives, lane, units, products } = fact.asn;
      const serials = units.reduce((sum, { children }) => sum + children.length, 0);
      const notice = { profile, origin, destination, departs: iso(departs), arrives: iso(arrives), lane };
      const { correction } = fact;
      if (correction !== undefined) {
        const { reason, old, new: changed } = correction;
        return { action: 'shipment.correct', subject: `shipment:${id}`, old, new: changed, reason };
      }
      return {
        ...{ action: 'shipment.announce', subject: `shipment:${id}` },
        new: { ...notice, units: units.length, serials, products: products.length },
      };
    }
    case 'closing': {
      const { shipment, at } = fact.closing;
      return { action: 'shipment.close', subject: `shipment:${shipment}`, new: { at: iso(at) } };
    }
    case 'cancelling': {
      const { shipment, at, isCancelled, reason } = fact.cancelling;
      const action = isCancelled ? 'shipment.cancel' : 'shipment.reinstate';
      return { action, subject: `shipment:${shipment}`, new: { at: iso(at) }, reason };
    }
    case 'count': {
      const { unit, at, found, damaged } = fact.count;
      const counts = { at: iso(at), found: found.length, damaged: damaged.length };
      return { action: 'unit.count', subject: `unit:${unit}`, new: counts };
    }
    case 'settlement': {
      const { shipment, differences, how, reason } = fact.settlement;
      const terms = [...new Set(differences.map(({ term }) => term))];
      return {
        ...{ action: 'difference.settle', subject: `shipment:${shipment ?? 'none'}`, reason },
        new: { how, terms, differences: differences.length },
      };
    }
    case 'damage': {
      const { pass, epcs, photos, note, at } = fact.damage;
      const found = { serials: epcs.length, photos, at: iso(at) };
      return { action: 'goods.damage', subject: `pass:${pass}`, new: found, reason: note };
    }
    case 'product':
      return { action: 'product.register', subject: `product:${fact.product.gtin}`, new: fact.product };
    case 'place':
      return { action: 'place.register', subject: `place:${fact.place.id}`, new: fact.place };
    case 'portal':
      return { action: 'portal.register', subject: `portal:${fact.portal.id}`, new: fact.portal };
    case 'device':
      return { action: 'device.register', subject: `device:${fact.device.id}`, new: fact.device };
    case 'calibration': {
      const { device, metric, effectiveFrom, points, certificate, reason } = fact.calibration;
      return {
        ...{ action: 'device.calibrate', subject: `device:${device}`, reason },
        new: { metric, effectiveFrom: iso(effectiveFrom), points, certificate },
      };
    }
    case 'attachment': {
      const { device, subject, from, shipment, reason = null } = fact.attachment;
      const where = { to: subject, from: iso(from), ...(shipment === undefined ? {} : { shipment }) };
      return { action: 'device.attach', subject: `device:${device}`, new: where, reason };
    }
    case 'packing': {
      const { unit, children, isUnpacked, from } = fact.packing;
      const action = isUnpacked ? 'unit.unpack' : 'unit.pack';
      return { action, subject: `unit:${unit}`, new: { children: children.length, from: iso(from) } };
    }
    case 'epcis': {
      const { id, events, masterData, refused } = fact.capture;
      const elements = masterData === undefined ? {} : { masterData: masterData.length };
      const counts = { events: events.length, ...elements, refused: refused.length };
      return { action: 'events.capture', subject: `capture:${id}`, new: counts };
    }
    case 'decision': {
      const { case: id, number, at, disposition, epcs, recordHash, reason } = fact.decision;
      const decided = { decision: number, disposition, serials: epcs.length, at: iso(at), recordHash };
      return { action: 'goods.decide', subject: `case:${id}`, new: decided, reason };
    }
    case 'setAside': {
      const { device, metric, from, to, isSetAside, reason } = fact.setAside;
      return {
        ...{ action: isSetAside ? 'readings.set-aside' : 'readings.restore', subject: `device:${device}`, reason },
        new: { metric, from: iso(from), to: to === null ? null : iso(to) },
      };
    }
    case 'rule': {
      const { rule, version, effectiveFrom, isRemoved } = fact.version;
      return {
        ...{ action: isRemoved === true ? 'rule.remove' : 'rule.change', subject: `rule:${rule.id}` },
        new: { version, effectiveFrom: effectiveFrom === null ? null : iso(effectiveFrom), rule },
      };
    }
  }
}

/** A time that no calendar has stays the number it is. */
function iso(at: number): string | number {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? at : date.toISOString();
}
