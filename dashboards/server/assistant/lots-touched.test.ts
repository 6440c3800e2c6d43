import { expect, test } from 'vitest';
import { alertOperations, caseOperations, type Operation } from '../../api/index.ts';
import type { AskInside } from '../inside.ts';
import { lotsTouched } from './lots-touched.ts';

const FROM = '2026-11-22T00:00:00.000Z';
const TO = '2026-11-29T00:00:00.000Z';

/** Alerts of one serial and lot each, and the cases they are evidence of. */
function answering(alerts: readonly { readonly id: string; readonly shipments: readonly string[] }[]) {
  const answers = new Map<Operation, (given: Parameters<AskInside>[1]) => object>([
    [
      alertOperations.list,
      () => ({
        items: alerts.map(({ id, shipments }) => ({
          ...{ id, state: 'open', subject: { metric: 'temperature' }, from: FROM, to: null, about: { shipments } },
        })),
        nextCursor: null,
      }),
    ],
    [
      alertOperations.serials,
      (given) => {
        const id = given?.parameters?.id ?? '';
        return { items: [{ epc: id, gtin: '1', lot: id, min: 5, max: 9, minutesOutOfRange: 40 }], nextCursor: null };
      },
    ],
    [
      caseOperations.list,
      (given) => {
        const { shipment } = given?.query ?? {};
        const found = alerts.filter(({ shipments }) => shipment === undefined || shipments.includes(String(shipment)));
        return { items: found.map(({ id }) => ({ id: `case of ${id}` })), nextCursor: null };
      },
    ],
    [
      caseOperations.get,
      (given) => {
        const id = given?.parameters?.id ?? '';
        const evidence = { alerts: [{ id: id.replace('case of ', '') }] };
        return { id, title: id, state: 'open', serials: {}, evidence, groups: [], decisions: [] };
      },
    ],
  ]);
  return (async (operation, given) => answers.get(operation)?.(given) as never) as AskInside;
}

test('who decided on goods in no shipment is told beside those in one', async () => {
  const ask = answering([
    { id: 'A1', shipments: ['SHP-1'] },
    { id: 'A2', shipments: [] },
  ]);
  expect(await lotsTouched({ from: FROM, to: TO, metric: 'temperature', above: 8 }, ask)).toMatchObject({
    lots: [
      { lot: 'A1', cases: ['case of A1'] },
      { lot: 'A2', cases: ['case of A2'] },
    ],
    isComplete: true,
  });
});

test('nothing beyond the limit asks for no case', async () => {
  const ask = answering([{ id: 'A1', shipments: [] }]);
  const answer = await lotsTouched({ from: FROM, to: TO, metric: 'temperature', above: 9 }, ask);
  expect(answer).toMatchObject({ lots: [], cases: [], isComplete: true });
});
