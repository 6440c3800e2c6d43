import { expect, test } from 'vitest';
import type { ShipmentSerialView } from '../../../api/index.ts';
import { markOfGroup, serialsByUnit, stateOfGroup, stateOfSerial } from './serials-by-unit.ts';

type Finding = ShipmentSerialView['findings'][number];

const RECALLED: Finding = { finding: 'recalled', reason: 'recalled since 1 May', stops: true };
const EXCURSION: Finding = { finding: 'excursion', reason: 'above 25 °C', stops: false };

function serial(name: string, changes: Partial<ShipmentSerialView> = {}): ShipmentSerialView {
  return {
    ...{ epc: `urn:epc:id:sgtin:0614141.812345.${name}`, gtin: '80614141123458', serial: name, lot: 'A17' },
    ...{ expiry: '2027-06-30', unit: 'urn:epc:id:sscc:0614141.1234567890', mayMoveOn: true, findings: [] },
    ...changes,
  };
}

const stopped = (name: string) => serial(name, { mayMoveOn: false, findings: [EXCURSION, RECALLED] });
const warned = (name: string, unit: string | null = null) => serial(name, { findings: [EXCURSION], unit });

test('serials stand by unit and lot, numbers in their order, what must not move on first', () => {
  const groups = serialsByUnit([
    serial('10'),
    serial('9'),
    serial('3', { lot: 'B2' }),
    stopped('11'),
    warned('1'),
    serial('100'),
  ]);
  expect(
    groups.map(({ unit, lot, serials }) => [unit?.slice(-4) ?? null, lot, serials.map((one) => one.serial)]),
  ).toEqual([
    ['7890', 'A17', ['11', '9', '10', '100']],
    [null, 'A17', ['1']],
    ['7890', 'B2', ['3']],
  ]);
});

test('a group says how many of it must not move on and why, by what stops them alone', () => {
  const said = (...serials: ShipmentSerialView[]) => {
    const [group] = serialsByUnit(serials);
    return group === undefined ? null : [markOfGroup(group), stateOfGroup(group)];
  };
  expect(said(serial('1'), stopped('2'), serial('3'))).toEqual(['excursion', '1 of 3 must not move on: recalled']);
  expect(said(stopped('1'), stopped('2'))).toEqual(['excursion', 'Must not move on: recalled']);
  expect(said(warned('1'), warned('2'))).toEqual(['warning', 'With a warning: excursion not decided on']);
  expect(said(serial('1'), serial('2'))).toEqual(['inRange', 'All may move on']);
  expect(said(serial('1'))).toEqual(['inRange', 'May move on']);
  expect(stateOfSerial(warned('1'))).toBe('With a warning: excursion not decided on');
});
