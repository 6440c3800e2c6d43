import type { AnswerClass } from '../../../domain/index.ts';
import { checkPack, classOfAnswer, type Market, Markets } from '../../../partners/index.ts';
import { formatTime, type MarketView, marketOperations } from '../../api/index.ts';
import { ok } from '../answer.ts';
import { mount } from '../mount.ts';
import { pageById } from '../paging.ts';
import type { Services } from '../services.ts';

const NEXT: Readonly<Record<AnswerClass, string>> = {
  reading:
    'What was sent is not what is printed: mend the scanner or its software (separators, Caps Lock, keyboard), send what is printed, and set the pack aside until that is answered without an alert.',
  'own action':
    'This place did it before: find out why it was done twice, and set the pack aside until that is recorded.',
  compare: 'Compare serial, lot and expiry as they were sent with what is printed, and set the pack aside until then.',
  'not saleable':
    'It cannot be made active again here, and does not go back to saleable stock: set it aside and report it.',
  investigate:
    'What was sent is what is printed, or nobody here did it before: treat it as suspect, set it aside, and report it.',
  unknown: 'This code is not known here: set the pack aside and ask the national organisation.',
};

/** What the laws of markets ask of medicines, and what follows of it for a pack. */
export function marketRoutes({ time }: Services) {
  const markets = new Markets();
  return [
    mount(marketOperations.list, async ({ query }) => {
      const { items, nextCursor } = pageById(markets.list(), ({ id }) => id, query);
      return ok({ items: items.map(viewOf), nextCursor });
    }),

    mount(marketOperations.get, async ({ parameters: { id } }) => ok(viewOf(markets.get(id)))),

    mount(marketOperations.pack, async ({ parameters: { id }, query: { code, day } }) => {
      const on = day ?? new Date(time.now()).toISOString().slice(0, 10);
      const { missing, toLookAt, isAsked } = checkPack(markets.get(id), code, on);
      return ok({ day: on, isAsked, missing: [...missing], toLookAt: [...toLookAt] });
    }),

    mount(marketOperations.answer, async ({ parameters: { id }, query }) => {
      const { code, decommissionedAt = null } = query;
      const sent = words(query.sentSerial, query.sentLot, query.sentExpiry);
      const printed = words(query.printedSerial, query.printedLot, query.printedExpiry);
      const found = classOfAnswer(markets.get(id), { code, sent, printed, decommissionedAt }, time.now());
      return ok({
        ...{ class: found.class, isLikelyFalse: found.class === 'reading' || found.class === 'own action' },
        ...{ name: found.name, faults: [...found.faults], next: NEXT[found.class] },
        revertUntil: formatTime(found.revertUntil),
      });
    }),
  ];
}

function words(serial: string | undefined, lot: string | undefined, expiry: string | undefined) {
  return { serial: serial ?? null, lot: lot ?? null, expiry: expiry ?? null };
}

function viewOf(market: Market): MarketView {
  return market;
}
