import { expect, test } from 'vitest';
import { ManualTime, silentLogger, silentMeter } from '../domain/index.ts';
import type { PassVerdict } from '../trace/index.ts';
import { door } from '../trace/testing/yard.ts';
import { stackLight } from './stack-light.ts';

const verdict = (change: Partial<PassVerdict>): PassVerdict => ({
  ...{ verdict: 'pass', isProvisional: false, reason: '', shipments: [], pass: 'pass-1', portal: door('dock-1') },
  counts: { expected: 1, seen: 1, missing: 0, unexpected: 0, stray: 0 },
  ...{ from: 0, to: 1, clearance: { mayMoveOn: true, findings: [], at: 1 } },
  ...change,
});

function shown(change: Partial<PassVerdict>, now = 1): unknown {
  const published: Uint8Array[] = [];
  const light = stackLight({ meter: silentMeter, logger: silentLogger, time: new ManualTime(now) });
  light.connect({
    publish: async (_, payload) => {
      published.push(payload as Uint8Array);
    },
  });
  light.heard('gw-lyon', 'online');
  light.show(verdict(change));
  if (published.length === 0) return null;
  const { colour, buzzer } = JSON.parse(new TextDecoder().decode(published[0]));
  return [colour, buzzer];
}

const NOT_YET = { mayMoveOn: false, findings: [], at: 1 };

// A pallet with a pack in an open excursion got a green light: it was what was expected, and nobody asked further.
test.each<[Partial<PassVerdict>, string, boolean]>([
  [{}, 'green', false],
  [{ clearance: NOT_YET }, 'red', true],
  [{ clearance: NOT_YET, isProvisional: true }, 'red', true],
  [{ verdict: 'check' }, 'red', true],
  [{ verdict: 'check', isProvisional: true }, 'amber', false],
])('a pass that is %j has the light %s', (change, colour, buzzer) => {
  expect(shown(change)).toEqual([colour, buzzer]);
});

test('the verdict on a pallet that left an hour ago does not light the door for the one that stands there', () => {
  expect(shown({}, 60_000)).toEqual(['green', false]);
  expect(shown({}, 3_600_000)).toBeNull();
});

// With two brokers a gateway that was at the other one showed amber for every pallet.
test('a gateway that is at the broker of another process is told too, once each', () => {
  const told: string[] = [];
  const published: string[] = [];
  const at = (name: string) => {
    const light = stackLight({
      ...{ meter: silentMeter, logger: silentLogger, time: new ManualTime(1) },
      tell: async (command) => void told.push(command),
    });
    light.connect({ publish: async (topic) => void published.push(`${name}: ${topic}`) });
    return light;
  };
  const [tracing, other] = [at('one'), at('two')];
  tracing.heard('gw-lyon', 'online');
  other.heard('gw-oslo', 'online');
  tracing.show(verdict({}));
  for (const command of told) for (const light of [tracing, other]) light.pass(command);
  other.pass('no JSON');
  expect(published).toEqual([
    'one: isotherm/v1/gateways/gw-lyon/commands',
    'two: isotherm/v1/gateways/gw-oslo/commands',
  ]);
});

test('a process without a broker tells those that have one', () => {
  const told: string[] = [];
  const tell = async (command: string) => void told.push(command);
  stackLight({ meter: silentMeter, logger: silentLogger, time: new ManualTime(1), tell }).show(verdict({}));
  expect(told).toHaveLength(1);
});
