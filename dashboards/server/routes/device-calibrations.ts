import type { SeenFrom } from '../../../domain/index.ts';
import { calibrationInput, calibrationOperations } from '../../api/index.ts';
import { acceptedWith, created, ok, SENT } from '../answer.ts';
import { jsonOf, textOf } from '../body.ts';
import { type Asked, mount } from '../mount.ts';
import { formIn } from '../multipart.ts';
import { parsed } from '../problems.ts';
import type { Services } from '../services.ts';
import { requireReadable } from '../text-door.ts';

/** Calibrations of a device, and the certificates they rest on. */
export function deviceCalibrationRoutes({ at, deviceCalibrations, live }: Services) {
  /** @throws {InputError} DEVICE_UNKNOWN */
  const requireDevice = (id: string, seenFrom: SeenFrom) => at(seenFrom).deviceViews.detail(id);

  return [
    mount(calibrationOperations.record, async (asked) => {
      const { parameters, seenFrom, received, identity } = asked;
      const { id: device } = parameters;
      await requireDevice(device, seenFrom);
      const { given, file } = await wishIn(asked);
      const wish = { device, given, file, by: identity.name };
      const { isApplied, view } = await deviceCalibrations.record(wish, received);
      live.deviceChanged(device);
      const location = `/api/v1/devices/${encodeURIComponent(device)}/calibrations`;
      return isApplied ? created(view, location) : acceptedWith(view, location);
    }),

    mount(calibrationOperations.list, async ({ parameters: { id }, seenFrom }) => {
      await requireDevice(id, seenFrom);
      return ok({ items: await deviceCalibrations.list(id) });
    }),

    mount(calibrationOperations.file, async ({ parameters: { id, sha256 }, seenFrom, response }) => {
      await requireDevice(id, seenFrom);
      const { name, bytes } = await deviceCalibrations.file(id, sha256);
      // Never shown in place: what was uploaded is nobody's page.
      response.attachment(name).type('application/octet-stream').set('X-Content-Type-Options', 'nosniff').end(bytes);
      return SENT;
    }),
  ];
}

async function wishIn({ body, request }: Asked<typeof calibrationOperations.record>) {
  const isForm = request.is('multipart/form-data') !== false && request.is('multipart/form-data') !== null;
  const { file, fields } = isForm ? await formIn(body, request.headers) : { file: null, fields: {} };
  const text = isForm ? (fields.calibration ?? '{}') : textOf(body, request.headers['content-type']);
  const json = jsonOf(text);
  requireReadable(json);
  return { given: parsed(calibrationInput, json, 'BODY_INVALID'), file };
}
