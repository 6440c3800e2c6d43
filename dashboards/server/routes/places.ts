import { Router } from 'express';
import { InputError, type Place, type PlaceKind } from '../../../domain/index.ts';
import { pageQuery, placeId, placeInput } from '../../api/index.ts';
import { plainName } from '../directory.ts';
import { allow, identityOf } from '../identity.ts';
import { pageOf } from '../paging.ts';
import { parameter } from '../parameter.ts';
import { parsed } from '../problems.ts';
import { receivedFrom } from '../received.ts';
import type { Services } from '../services.ts';

const KINDS: Readonly<Record<string, PlaceKind>> = { site: 'site', room: 'room', vehicle: 'vehicle' };

/** Sites, rooms and vehicles. */
export function placeRoutes({ accounts, directory, factCommands }: Services): Router {
  const router = Router();

  router.get('/places', allow(accounts, 'records.read'), async (request, response) => {
    const { places } = await directory.registered();
    response.json(pageOf([...places.values()], ({ id }) => id, parsed(pageQuery, request.query, 'QUERY_INVALID')));
  });

  router.put('/places/:id', allow(accounts, 'place.register'), async (request, response) => {
    const id = parsed(placeId, parameter(request, 'id'), 'BODY_INVALID');
    const { name, parent, zone: givenZone, kind: given, gln } = parsed(placeInput, request.body, 'BODY_INVALID');
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
    const place: Place = { id, kind, name: name ?? plainName(id), parent, zone, ...(gln !== undefined && { gln }) };
    const isApplied = await factCommands.record(
      [{ type: 'place', place, by: identityOf(request).name }],
      receivedFrom(request),
    );
    if (isApplied) response.json(place);
    else
      response
        .status(202)
        .location(`/api/v1/places/${encodeURIComponent(id)}`)
        .end();
  });

  return router;
}
