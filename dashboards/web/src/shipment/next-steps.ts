import type { Permission } from '../../../../domain/index.ts';
import type { ConditionState, ShipmentView, Waiting } from '../../../api/index.ts';
import { say } from '../text/say.ts';

/** What is to be done next about a shipment, where, and what a person has to be allowed for it. */
export interface NextStep {
  readonly text: string;
  readonly to: string;
  readonly permission: Permission;
  /** Who may, by the roles that come with the product, as a person says it. */
  readonly who: string;
  readonly gravity: ConditionState;
}

/** The gravest first. None: nothing waits, and it is measured. */
export function nextSteps(shipment: ShipmentView): readonly NextStep[] {
  const steps = shipment.waiting.map((one) => stepOf(one, shipment.id));
  if (steps.length > 0) return steps;
  const now = missingStep(shipment);
  return now === null ? [] : [now];
}

function stepOf({ kind, count, gravity, case: id }: Waiting, shipment: string): NextStep {
  const page = `/shipments/${encodeURIComponent(shipment)}`;
  switch (kind) {
    case 'recall':
      return {
        ...{
          text: say('board.next.recall', { count }),
          to: `/recall?shipment=${encodeURIComponent(shipment)}`,
          gravity,
        },
        ...{ permission: 'records.read', who: say('board.who.logistics') },
      };
    case 'alert':
      return {
        ...{ text: say('board.next.alert', { count }), to: page, gravity },
        ...{ permission: 'alert.handle', who: say('board.who.handlers') },
      };
    case 'case':
      return {
        ...{ text: say('board.next.case', { count, id: id ?? '' }), to: `/cases/${id ?? ''}`, gravity },
        ...{ permission: 'case.decide', who: say('board.who.quality') },
      };
    case 'difference':
      return {
        ...{ text: say('board.next.difference', { count }), to: page, gravity },
        ...{ permission: 'difference.settle', who: say('board.who.everybody') },
      };
    case 'stopped':
      return {
        ...{
          text: say('board.next.stopped', { count }),
          to: `/recall?shipment=${encodeURIComponent(shipment)}`,
          gravity,
        },
        ...{ permission: 'case.decide', who: say('board.who.quality') },
      };
    case 'hold':
      return {
        ...{ text: say('board.next.hold'), to: page, gravity },
        ...{ permission: 'hold.change', who: say('board.who.quality') },
      };
  }
}

/** Nothing waits for a person, but nobody knows how it fares, or it is out of limits now and no rule has spoken yet. */
function missingStep({ id, condition, state, units, profile }: ShipmentView): NextStep | null {
  const page = `/shipments/${encodeURIComponent(id)}`;
  if (state === 'closed' || state === 'cancelled') return null;
  if (condition.state === 'warning' || condition.state === 'excursion') {
    return {
      ...{ text: say('board.next.outOfLimits'), to: page, gravity: condition.state },
      ...{ permission: 'records.read', who: say('board.who.logistics') },
    };
  }
  if (condition.state !== 'unknown') return null;
  const [device] = units.flatMap(({ devices }) => devices);
  if (device === undefined) {
    return {
      ...{ text: say('board.next.noLogger'), to: page, gravity: 'unknown' },
      ...{ permission: 'device.attach', who: say('board.who.attachers') },
    };
  }
  if (profile.min === null && profile.max === null) {
    return {
      ...{ text: say('board.next.noLimits', { profile: profile.name }), to: page, gravity: 'unknown' },
      ...{ permission: 'shipment.announce', who: say('board.who.logistics') },
    };
  }
  const silent = condition.device ?? device;
  return {
    ...{ text: say('board.next.silent', { device: silent }), to: `/devices/${encodeURIComponent(silent)}` },
    ...{ gravity: 'unknown', permission: 'device.register', who: say('board.who.operations') },
  };
}
