import type { Request } from 'express';
import { DefectError } from '../../../domain/index.ts';
import { formatTime, receptionOperations } from '../../api/index.ts';
import { created, DONE, ok } from '../answer.ts';
import { type Mounted, mount } from '../mount.ts';
import type { Sender } from '../reception.ts';
import type { Services } from '../services.ts';
import type { Signed } from '../webhook-signature.ts';

interface Admitted {
  readonly sender: Sender;
  readonly signed: Signed | null;
}

/** Readings of machines under /api/v1: what makers' clouds push. */
export function webhookRoutes({ reception, explain }: Services): readonly Mounted[] {
  const admitted = new WeakMap<Request, Admitted>();
  return [
    mount(
      receptionOperations.webhook,
      async ({ parameters: { dialect }, query: { device }, body, request }) => {
        const from = admittedOf(admitted, request);
        await reception.webhook(dialect, body, { ...from, ...(device === undefined ? {} : { device }) });
        return created(null);
      },
      async (request) => {
        admitted.set(request, await reception.webhookSender(String(request.params.dialect), request.headers));
      },
    ),

    mount(receptionOperations.explain, async ({ body: { topic, message, base64, mappings = null } }) => {
      const payload = Buffer.from(message, base64 ? 'base64' : 'utf8');
      const { readBy, readings, refused } = await explain({ topic, payload, mappings });
      return ok({
        readBy,
        readings: readings.map(({ device, metric, value, time }) => ({
          ...{ device, metric, value, time: time === null ? null : formatTime(time) },
        })),
        refused: refused.map(({ reason, field, detail }) => ({ reason, field, detail })),
      });
    }),
  ];
}

/** Under /api/v2, where Influx clients look for it. */
export function writeRoutes({ reception }: Services): readonly Mounted[] {
  const admitted = new WeakMap<Request, Admitted>();
  return [
    mount(
      receptionOperations.write,
      async ({ query: { precision = 'ns' }, body, request }) => {
        await reception.write(body, precision, admittedOf(admitted, request).sender);
        return DONE;
      },
      async (request) => {
        admitted.set(request, { sender: await reception.sender(request.headers), signed: null });
      },
    ),
  ];
}

function admittedOf(admitted: WeakMap<Request, Admitted>, request: Request): Admitted {
  const from = admitted.get(request);
  if (from === undefined) throw new DefectError('SENDER_UNASKED', 'a message was read before its sender was asked');
  return from;
}
