import type { Silence } from '../../../alerts/index.ts';
import { InputError } from '../../../domain/index.ts';
import { formatTime, type SilenceView, silenceOperations } from '../../api/index.ts';
import { created, ok } from '../answer.ts';
import { mount } from '../mount.ts';
import type { Services } from '../services.ts';

/** Silences: of which alerts nobody is told for a while. */
export function silenceRoutes({ silences }: Services) {
  return [
    mount(silenceOperations.list, async () => {
      return ok({ items: (await silences.list()).map(viewOf), nextCursor: null });
    }),

    mount(silenceOperations.add, async ({ body, origination }) =>
      created(viewOf(await silences.add(body, origination))),
    ),

    mount(silenceOperations.end, async ({ parameters: { id }, origination }) => {
      if (!/^\d{1,15}$/.test(id)) throw new InputError('SILENCE_UNKNOWN', `there is no silence ${id}`, { silence: id });
      return ok(viewOf(await silences.end(Number(id), origination)));
    }),
  ];
}

function viewOf({ id, from, until, endedAt, ...silence }: Silence): SilenceView {
  return {
    ...{ ...silence, match: silence.match as SilenceView['match'] },
    ...{ id: String(id), from: formatTime(from), until: formatTime(until) },
    endedAt: endedAt === null ? null : formatTime(endedAt),
  };
}
