import type { ProfileView, ShipmentView } from '../../../api/index.ts';
import { say } from '../text/say.ts';
import { bareLimit, limitText } from './figures.ts';

export const STATE_TEXT: Readonly<Record<ShipmentView['state'], string>> = {
  created: say('shipment.state.created'),
  packed: say('shipment.state.packed'),
  'in transit': say('shipment.state.in transit'),
  received: say('shipment.state.received'),
  closed: say('shipment.state.closed'),
  cancelled: say('shipment.state.cancelled'),
};

/** `2 to 8 °C`, `−20 °C or colder` */
export function profileText({ min, max, name }: ProfileView): string {
  if (min !== null && max !== null) return say('profile.between', { min: bareLimit(min), max: limitText(max) });
  if (max !== null) return say('profile.upTo', { max: limitText(max) });
  if (min !== null) return say('profile.from', { min: limitText(min) });
  return name;
}
