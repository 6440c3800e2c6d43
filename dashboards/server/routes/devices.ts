import { Router } from 'express';
import type { DeviceContext, Fact } from '../../../domain/index.ts';
import { deviceInput, pageQuery } from '../../api/index.ts';
import { allow, identityOf } from '../identity.ts';
import { parameter } from '../parameter.ts';
import { parsed } from '../problems.ts';
import { receivedFrom } from '../received.ts';
import type { Services } from '../services.ts';

/** The registry of loggers, sensors and gateways. */
export function deviceRoutes({ accounts, deviceViews, factCommands, live, time }: Services): Router {
  const router = Router();
  const anyone = allow(accounts, 'records.read');

  router.get('/devices', anyone, async (request, response) => {
    response.json(await deviceViews.list(parsed(pageQuery, request.query, 'QUERY_INVALID')));
  });

  router.get('/devices/:id', anyone, async (request, response) => {
    response.json(await deviceViews.detail(parameter(request, 'id')));
  });

  router.post('/devices', allow(accounts, 'device.register'), async (request, response) => {
    const { id, kind, name, attachment, interval, reportsEvery, ...described } = parsed(
      deviceInput,
      request.body,
      'BODY_INVALID',
    );
    const by = identityOf(request).name;
    const context: DeviceContext = {
      ...withoutUndefined(described),
      ...(interval === undefined ? {} : { intervalMs: interval }),
      ...(reportsEvery === undefined ? {} : { reportsEveryMs: reportsEvery }),
    };
    const facts: Fact[] = [
      { type: 'device', device: { id, kind, ...(name === undefined ? {} : { name }), context }, by },
    ];
    if (attachment !== undefined) {
      const from = attachment.from ?? time.now();
      facts.push({ type: 'attachment', attachment: { device: id, subject: attachment.subject, from }, by });
    }
    const isApplied = await factCommands.record(facts, receivedFrom(request));
    live.deviceChanged(id);
    response.location(`/api/v1/devices/${encodeURIComponent(id)}`);
    if (isApplied) response.status(201).json(await deviceViews.detail(id));
    else response.status(202).end();
  });

  return router;
}

/** Absent is absent: a key with `undefined` is not written into a fact. */
function withoutUndefined<T extends object>(given: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>;
  };
}
