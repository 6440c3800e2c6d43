import { PROFILES } from '../../../../domain/index.ts';
import type { ProfileView, ShipmentView } from '../../../api/index.ts';
import { say } from '../text/say.ts';
import { bareLimit, limitText } from './figures.ts';

/** The state of a shipment in the language that is spoken. */
export function stateText(state: ShipmentView['state']): string {
  return say(`shipment.state.${state}`);
}

/** `2 to 8 °C`, `−20 °C or colder` */
export function profileText({ min, max, name }: ProfileView): string {
  if (min !== null && max !== null) return say('profile.between', { min: bareLimit(min), max: limitText(max) });
  if (max !== null) return say('profile.upTo', { max: limitText(max) });
  if (min !== null) return say('profile.from', { min: limitText(min) });
  return name;
}

/** The same of a profile that is known by its id alone; an id that is not known is shown as it is. */
export function profileNamed(id: string): string {
  const profile = PROFILES.find((one) => one.id === id);
  return profile === undefined ? id : profileText(profile);
}
