import { expect, test } from 'vitest';
import { at, engineWith, minutes, silence, temperatures } from '../testing/arrange.ts';

type Readings = readonly (readonly [clock: string, value: number])[];

function judge(readings: Readings, now: string, device = {}) {
  const engine = engineWith([silence({ afterMs: minutes(30) })], device);
  engine.apply(temperatures(...readings));
  engine.setNow(at(now));
  engine.flush(0);
  return engine.present();
}

test('each step longer than after is a finding from the earlier reading + after to the next reading', () => {
  expect(
    judge(
      [
        ['10:00', 5],
        ['10:30', 5],
        ['11:01', 5],
      ],
      '11:01',
    ),
  ).toMatchObject([
    { from: at('11:00'), to: at('11:01'), endedBy: 'recovery', extreme: null, readings: 0, minutesOutOfRange: null },
  ]);
});

test('after the last reading it is open once now is past last + after', () => {
  expect(judge([['10:00', 5]], '10:30')).toEqual([]);
  expect(judge([['10:00', 5]], '10:30:00.001')).toMatchObject([{ from: at('10:30'), to: null, endedBy: null }]);
});

test('a device that says how often it reports is given that time too, but the finding begins where it would', () => {
  const device = { reportsEveryMs: minutes(30) };
  expect(judge([['10:00', 5]], '11:00', device)).toEqual([]);
  expect(judge([['10:00', 5]], '11:00:00.001', device)).toMatchObject([{ from: at('10:30'), to: null }]);
});

test('backlog that fills the step closes or retracts it', () => {
  const engine = engineWith([silence({ afterMs: minutes(30) })]);
  engine.apply(temperatures(['10:00', 5]));
  engine.setNow(at('11:00'));
  expect(engine.flush(0).map(({ event }) => event)).toEqual(['opened']);
  engine.apply(temperatures(['10:50', 5]));
  expect(engine.flush(0)).toMatchObject([{ event: 'closed', finding: { to: at('10:50') } }]);
  engine.apply(temperatures(['10:25', 5]));
  expect(engine.flush(0)).toMatchObject([{ event: 'retracted' }]);
  expect(engine.present()).toEqual([]);
});

// The long wait of the slow device stood on: the reading that showed it was slow no more was passed over.
test('a slow device that becomes quick is silent after its own new pace, not after its old one', () => {
  const engine = engineWith([silence({ afterMs: minutes(30) })]);
  const read = (clock: string) => {
    engine.apply(temperatures([clock, 5]));
    engine.flush(0);
  };
  for (const clock of ['00:00', '01:01', '02:02', '02:03']) read(clock);
  engine.setNow(at('02:33'));
  engine.flush(0);
  expect(engine.present().filter(({ to }) => to === null)).toEqual([]);
  engine.setNow(at('02:34'));
  engine.flush(0);
  expect(engine.present().filter(({ to }) => to === null)).toMatchObject([{ from: at('02:33') }]);
});
