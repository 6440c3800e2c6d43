import { InputError, type Place, type PlaceKind } from '../../../domain/index.ts';
import { placeId, placeOperations } from '../../api/index.ts';
import { accepted, ok } from '../answer.ts';
import { plainName } from '../directory.ts';
import { mount } from '../mount.ts';
import { pageById } from '../paging.ts';
import { parsed } from '../problems.ts';
import type { Services } from '../services.ts';

const KINDS: Readonly<Record<string, PlaceKind>> = { site: 'site', room: 'room', vehicle: 'vehicle' };

/** Sites, rooms and vehicles. */
export function placeRoutes({ directory, factCommands }: Services) {
  return [
    mount(placeOperations.list, async ({ query, seenFrom }) => {
      const { places } = await directory.registered();
      const seen = [...places.values()].filter(({ id }) => seenFrom === null || seenFrom.includes(id));
      return ok(pageById(seen, ({ id }) => id, query));
    }),

    mount(placeOperations.put, async ({ parameters, identity, body, received }) => {
      const id = parsed(placeId, parameters.id, 'BODY_INVALID');
      const { name, parent, zone: givenZone, kind: given, gln, commentRequired, position } = body;
      const kind = KINDS[id.slice(0, id.indexOf(':'))];
      if (kind === undefined || (given !== undefined && given !== kind)) {
        throw new InputError(
          'PLACE_KIND_CONTRADICTS',
          `kind: ${id} is a ${kind ?? 'thing of no kind'}, given ${given ?? 'nothing'}`,
        );
      }
      if (parent === id) throw new InputError('PLACE_IN_ITSELF', `parent: ${id} cannot stand in itself`);
      const { places } = await directory.registered();
      const zone = givenZone ?? places.get(parent ?? '')?.zone;
      if (zone === undefined) {
        const message = 'expected an IANA time zone such as Europe/Paris, or a parent that has one';
        throw new InputError('BODY_INVALID', `zone: ${message}`, { errors: [{ path: 'zone', message }] });
      }
      const place: Place = {
        ...{ id, kind, name: name ?? plainName(id), parent, zone },
        ...(gln !== undefined && { gln }),
        ...(commentRequired === true && { commentRequired }),
        ...(position !== undefined && { position }),
      };
      const isApplied = await factCommands.record([{ type: 'place', place, by: identity.name }], received);
      return isApplied ? ok(place) : accepted(`/api/v1/places/${encodeURIComponent(id)}`);
    }),
  ];
}
