import { InputError } from '../../../domain/index.ts';
import { passNumber } from '../../../trace/index.ts';
import { damageOperations, formatTime } from '../../api/index.ts';
import { accepted, created, ok, SENT } from '../answer.ts';
import { inNameOf } from '../in-name-of.ts';
import { mount } from '../mount.ts';
import { photoIn } from '../photo.ts';
import type { Services } from '../services.ts';

/** What people at doors find damaged, with photos. */
export function damageRoutes({ at, caseViews, passPhotos, trace, factCommands }: Services) {
  const listed = async (pass: string) => {
    const damages = await trace.passDamages(pass);
    return {
      items: damages.map((one) => ({ ...one, epcs: [...one.epcs], photos: [...one.photos], at: formatTime(one.at) })),
    };
  };
  return [
    mount(damageOperations.photograph, async ({ parameters: { id }, body, origination, seenFrom }) => {
      await at(seenFrom).portalViews.passDetail(id);
      const photo = photoIn(body);
      await passPhotos.keep(passNumber(id), photo, origination);
      return created({ sha256: photo.sha256, mediaType: photo.mediaType, bytes: photo.bytes.length });
    }),

    mount(damageOperations.photo, async ({ parameters: { id, sha256 }, seenFrom, response }) => {
      await at(seenFrom).portalViews.passDetail(id);
      const photo = await passPhotos.of(passNumber(id), sha256);
      if (photo === null) throw new InputError('PHOTO_UNKNOWN', `${id} has no photo ${sha256.slice(0, 64)}`);
      // A picture and nothing else, whatever is in it.
      response.type(photo.mediaType).set({
        ...{ 'X-Content-Type-Options': 'nosniff', 'Content-Security-Policy': "default-src 'none'; sandbox" },
        'Cache-Control': 'private, max-age=86400, immutable',
      });
      response.end(photo.bytes);
      return SENT;
    }),

    mount(damageOperations.report, async ({ parameters: { id }, body, identity, received: sent, seenFrom, act }) => {
      const pass = await at(seenFrom).portalViews.passDetail(id);
      const received = inNameOf(identity, body.person, sent);
      const { epcs, photos, note = null } = body;
      const when = await factCommands.momentOf(act, body.decidedAt);
      const listedIn = new Set([
        ...[...pass.expected, ...pass.seen, ...pass.units.map(({ epc }) => epc)],
        ...[...pass.missing, ...pass.unexpected, ...pass.strays].map(({ epc }) => epc),
      ]);
      const other = epcs.find((epc) => !listedIn.has(epc));
      if (other !== undefined) throw new InputError('DAMAGED_OTHER', `epcs: ${id} lists no ${other.slice(0, 100)}`);
      const kept = await passPhotos.hashesOf(passNumber(id));
      const lost = photos.find((sha256) => !kept.has(sha256));
      if (lost !== undefined) throw new InputError('DAMAGE_PHOTO_MISSING', `photos: ${lost} was not sent to ${id}`);
      // Sent again after an answer that was lost with the server: it is in already.
      const isIn = (await trace.passDamages(id)).some(
        (one) => one.by === received.source && one.at === when && one.epcs.join() === epcs.join(),
      );
      if (isIn) return ok(await listed(id));
      const damage = { pass: id, epcs, photos, note, at: when };
      const facts = [{ type: 'damage' as const, damage, by: received.source }];
      const isApplied = await factCommands.recordKeyed(facts, received, { act, at: when });
      return isApplied ? ok(await listed(id)) : accepted(`/api/v1/passes/${encodeURIComponent(id)}/damages`);
    }),

    mount(damageOperations.ofCase, async ({ parameters: { id }, seenFrom }) => {
      const { portalViews } = at(seenFrom);
      const damages = await trace.damagesOf(await caseViews.goodsOf(id, seenFrom));
      const seen = new Set<string>();
      for (const pass of new Set(damages.map((one) => one.pass)))
        if ((await portalViews.passOrNull(pass)) !== null) seen.add(pass);
      const items = damages.filter(({ pass }) => seen.has(pass));
      return ok({
        items: items.map((one) => ({ ...one, epcs: [...one.epcs], photos: [...one.photos], at: formatTime(one.at) })),
      });
    }),

    mount(damageOperations.list, async ({ parameters: { id }, seenFrom }) => {
      await at(seenFrom).portalViews.passDetail(id);
      return ok(await listed(id));
    }),
  ];
}
