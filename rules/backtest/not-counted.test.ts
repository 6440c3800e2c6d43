import { expect, test } from 'vitest';
import { rulesTestCommand } from '../commands.ts';

const RULES = `rules:
  - id: warm
    kind: threshold
    metric: temperature
    above: 8
    for: 10m
    unless: { metric: defrost, above: 0, atMost: 20m }
  - id: warm-goods
    kind: threshold
    metric: temperature
    above: 8
    thermalMass: 45m
`;

interface Case {
  readonly name: string;
  readonly devices?: string;
  readonly air: string;
  /** Other readings of the file. */
  readonly beside?: readonly string[];
  readonly rules?: readonly string[];
  readonly found: readonly string[];
}

/** One case of docs/rules.md, readings of the room each five minutes from 10:00. */
async function played({ name, devices = '{}', air, beside = [], found }: Case, isMass = false) {
  const rules = RULES.split('  - ').filter((entry, i) => i === 0 || entry.startsWith('id: warm-goods') === isMass);
  const text = `rules: rules.yaml
tests:
  - name: ${JSON.stringify(name)}
    devices: ${devices}
    readings:
      - { key: room/temperature, from: 2026-11-22T10:00:00Z, every: 5m, values: ${air} }
${beside.map((line) => `      - ${line}\n`).join('')}    now: 2026-11-22T10:40:00Z
    findings: [${found.map((line) => `{ rule: ${isMass ? 'warm-goods' : 'warm'}, key: room/temperature, ${line} }`).join(', ')}]
`;
  return rulesTestCommand({ text, file: 'x.test.yaml' }, async (file) => ({ text: rules.join('  - '), file }));
}

const flag = (clock: string, value: 0 | 1, late = '') =>
  `{ key: room/defrost, from: 2026-11-22T${clock}:00Z, every: 5m, values: ${value}${late} }`;
const at = (clock: string) => `2026-11-22T${clock}:00Z`;

test.each<Case>([
  {
    name: 'a defrost that the device reports is no excursion',
    air: '5 9 10 9 9 5',
    beside: [flag('10:04', 1), flag('10:24', 0)],
    found: [],
  },
  {
    name: 'a defrost that goes on for longer than it may excuses no more',
    air: '5 9 10 9 9 9 9 5',
    beside: [flag('10:04', 1)],
    found: [`from: ${at('10:25')}, to: ${at('10:35')}, readings: 2, endedBy: recovery`],
  },
  {
    name: 'a defrost that was last heard of too long ago excuses no more',
    devices: '{ room: { interval: 2m } }',
    air: '5 9 10 9 9 5',
    beside: [flag('10:04', 1)],
    found: [`from: ${at('10:15')}, to: ${at('10:25')}, readings: 2`],
  },
  {
    name: 'without a flag it is an excursion',
    air: '5 9 10 9 9 5',
    found: [`from: ${at('10:05')}, to: ${at('10:25')}, readings: 4`],
  },
  {
    name: 'a flag that comes late takes the excursion back',
    air: '5 9 10 9 9 5',
    beside: [flag('10:04', 1, ', late: 15m'), flag('10:24', 0, ', late: 15m')],
    found: [],
  },
  {
    name: 'what was warm before the defrost counts up to it',
    air: '9 9 9 10 9 9',
    beside: [flag('10:11', 1), flag('10:16', 0)],
    found: [`from: ${at('10:00')}, to: ${at('10:15')}, readings: 3, endedBy: recovery`],
  },
  {
    name: 'of a device that reports on change the next reading may be hours away: nothing is excused',
    devices: '{ room: { reportsOnChange: true } }',
    air: '5 9 10 9 9 5',
    beside: [flag('10:04', 1), flag('10:24', 0)],
    found: [`from: ${at('10:05')}, to: ${at('10:25')}, readings: 4`],
  },
])('$name', async (one) => {
  const { lines, failed } = await played(one);
  expect(failed, lines.join('\n')).toBe(0);
});

test.each<Case>([
  { name: 'a defrost that the goods never felt is no excursion of theirs', air: '5 5 15 15 5 5 5', found: [] },
  {
    name: 'goods that follow the air are out of range from the reading on at which they are',
    air: '5 5 15 15 15 15 15 15',
    found: [`from: ${at('10:30')}, to: ${at('10:35')}, extreme: 9.262466, readings: 2, endedBy: null`],
  },
])('$name', async (one) => {
  const { lines, failed } = await played(one, true);
  expect(failed, lines.join('\n')).toBe(0);
});
