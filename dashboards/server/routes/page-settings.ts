import { isZone } from '../../../alerts/index.ts';
import { InputError } from '../../../domain/index.ts';
import {
  HINT_NAME,
  keptPageSettings,
  type PageSettingsInput,
  type PageSettingsView,
  pageSettingsOperations,
} from '../../api/index.ts';
import { ok } from '../answer.ts';
import { mount } from '../mount.ts';
import type { Services } from '../services.ts';
import { personOf } from '../sign-in.ts';

/** More than the page has; a program that invents names fills no row without end. */
const MOST_HINTS = 100;

/** What somebody sets of the page for themselves. */
export function pageSettingsRoutes({ pageSettings }: Pick<Services, 'pageSettings'>) {
  const view = async (person: ReturnType<typeof personOf>): Promise<PageSettingsView> => {
    const { settings, hintsSeen } = await pageSettings.of(person);
    return { ...keptPageSettings.parse(settings), hintsSeen: [...hintsSeen] };
  };
  return [
    mount(pageSettingsOperations.get, async ({ identity }) => ok(await view(personOf(identity)))),

    mount(pageSettingsOperations.put, async ({ identity, body, origination }) => {
      const person = personOf(identity);
      requireZone(body);
      await pageSettings.set(person, body, origination);
      return ok(await view(person));
    }),

    mount(pageSettingsOperations.putAway, async ({ identity, parameters: { hint }, origination }) => {
      const person = personOf(identity);
      const { hintsSeen } = await pageSettings.of(person);
      if (!HINT_NAME.test(hint) || hintsSeen.length >= MOST_HINTS)
        throw bad(
          'hint',
          `hint: given "${hint.slice(0, 60)}", allowed: small letters and dashes, at most ${MOST_HINTS} hints`,
        );
      await pageSettings.putAway(person, hint, origination);
      return ok(await view(person));
    }),

    mount(pageSettingsOperations.showHints, async ({ identity, origination }) => {
      const person = personOf(identity);
      await pageSettings.showHints(person, origination);
      return ok(await view(person));
    }),
  ];
}

/** @throws {InputError} SETTINGS_BAD */
function requireZone({ zone }: PageSettingsInput): void {
  if (zone === undefined || zone === null || isZone(zone)) return;
  throw bad('zone', `zone: given "${zone}", allowed: an IANA time zone such as Europe/Berlin`);
}

function bad(path: string, message: string): InputError {
  return new InputError('SETTINGS_BAD', message, { errors: [{ path, message }] });
}
