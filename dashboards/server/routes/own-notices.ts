import { isZone, windowsFault } from '../../../alerts/index.ts';
import { InputError } from '../../../domain/index.ts';
import { ownNoticeOperations } from '../../api/index.ts';
import { ok } from '../answer.ts';
import { mount } from '../mount.ts';
import { refusedAddress } from '../own-notice-views.ts';
import type { Services } from '../services.ts';
import { personOf } from '../sign-in.ts';

/** How one is told of alerts, by one's own word. */
export function ownNoticeRoutes({ channels, ownNoticeViews, personalSettings }: Services) {
  return [
    mount(ownNoticeOperations.get, async ({ identity }) => ok(await ownNoticeViews.view(personOf(identity)))),

    mount(ownNoticeOperations.put, async ({ identity, body: { language, zone, quiet }, origination }) => {
      const person = personOf(identity);
      if (zone !== null && !isZone(zone))
        throw bad('zone', `zone: given "${zone}", allowed: an IANA time zone such as Europe/Berlin`);
      const fault = quiet === null ? null : windowsFault(quiet);
      if (fault !== null) throw bad('quiet', fault);
      await personalSettings.set(
        person,
        { language, zone, quiet: quiet as Parameters<typeof personalSettings.set>[1]['quiet'] },
        origination,
      );
      return ok(await ownNoticeViews.view(person));
    }),

    mount(ownNoticeOperations.ask, async ({ identity, parameters, body: { address }, origination }) => {
      const person = personOf(identity);
      const { id, kind } = await ownNoticeViews.channel(person, parameters.channel);
      const wanted = { channel: id, kind, address, language: await ownNoticeViews.language(person) };
      const answer = await personalSettings.ask(person, wanted, origination);
      if (answer !== null) throw refusedAddress(id, answer);
      return ok(await ownNoticeViews.view(person));
    }),

    mount(ownNoticeOperations.verify, async ({ identity, parameters, body: { code }, origination }) => {
      const person = personOf(identity);
      await personalSettings.verify(person, parameters.channel, code, origination);
      return ok(await ownNoticeViews.view(person));
    }),

    mount(ownNoticeOperations.remove, async ({ identity, parameters, origination }) => {
      const person = personOf(identity);
      await personalSettings.remove(person, parameters.channel, origination);
      return ok(await ownNoticeViews.view(person));
    }),

    mount(ownNoticeOperations.test, async ({ identity, parameters, origination }) => {
      const person = personOf(identity);
      const { id } = await ownNoticeViews.channel(person, parameters.channel);
      await personalSettings.countSent(person);
      const failure = await channels.test(id, origination, person.name);
      return ok({ delivered: failure === null, failure });
    }),
  ];
}

function bad(path: string, message: string): InputError {
  return new InputError('OWN_NOTICES_BAD', message, { errors: [{ path, message }] });
}
