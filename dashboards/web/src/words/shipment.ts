import type { ProfileView, ShipmentView } from '../../../api/index.ts';
import { limitText } from './figures.ts';

export const STATE_TEXT: Readonly<Record<ShipmentView['state'], string>> = {
  created: 'Announced',
  packed: 'Packed',
  'in transit': 'In transit',
  received: 'Received',
  closed: 'Closed',
};

/** `2 to 8 °C`, `−20 °C or colder` */
export function profileText({ min, max, name }: ProfileView): string {
  if (min !== null && max !== null) return `${limitText(min, '')} to ${limitText(max)}`;
  if (max !== null) return `up to ${limitText(max)}`;
  if (min !== null) return `from ${limitText(min)}`;
  return name;
}
