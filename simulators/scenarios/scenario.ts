import { z } from 'zod';
import { InputError } from '../../domain/index.ts';

const duration = z
  .string()
  .regex(/^\d+(ms|s|m|h)$/, 'a whole number and ms, s, m or h')
  .transform((text) => {
    const unit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }[/[a-z]+/.exec(text)?.[0] ?? 'ms'] ?? 1;
    return Number.parseInt(text, 10) * unit;
  });

const fleet = z.strictObject({
  kind: z.literal('fleet'),
  /** Loggers, `{prefix}1` to `{prefix}N`. */
  loggers: z.int().min(1).max(10_000).default(20),
  prefix: z
    .string()
    .regex(/^[A-Za-z0-9._:-]{1,100}$/)
    .default('sim-logger-'),
  /** How often each measures and reports. */
  every: duration.default(10_000),
  /** The first of them are too warm after this share of the time. */
  tooWarm: z.int().min(0).default(1),
  baseC: z.number().default(5),
  /** Ends by itself. */
  for: duration.default(120_000),
});

const portal = z.strictObject({
  kind: z.literal('portal'),
  pallets: z.int().min(1).max(100_000).default(6),
  doors: z.int().min(1).max(16).default(2),
  serialsPerPallet: z.int().min(1).max(500).default(24),
  /** Mean time between two pallets at one door. */
  every: duration.default(15_000),
  closeBehind: z.number().min(0).max(1).default(0.1),
  crossLossDb: z.number().min(0).max(60).default(22),
  staged: z.number().min(0).max(1).default(0),
  seed: z.int().default(1),
  /** The site the doors belong to, and the id of the gateway that serves them. */
  site: z
    .string()
    .regex(/^site:[A-Za-z0-9._/-]+$/)
    .default('site:simulated'),
  gateway: z
    .string()
    .regex(/^[A-Za-z0-9._:-]{1,128}$/)
    .default('sim-gateway'),
});

const scenario = z.discriminatedUnion('kind', [fleet, portal]);

export type FleetScenario = z.output<typeof fleet>;
export type PortalScenario = z.output<typeof portal>;
export type Scenario = FleetScenario | PortalScenario;

/** Scenarios that need no file. */
export const SCENARIOS: Readonly<Record<string, { readonly about: string; readonly scenario: Scenario }>> = {
  fleet: {
    about: '20 loggers report every 10 s for 2 minutes; one grows too warm',
    scenario: scenario.parse({ kind: 'fleet' }),
  },
  portal: {
    about: '6 pallets of 24 serials through two doors with light curtains, some with a serial missing or too many',
    scenario: scenario.parse({ kind: 'portal' }),
  },
  rush: {
    about: '40 pallets through four doors in about two minutes, half of them close behind another',
    scenario: scenario.parse({ kind: 'portal', pallets: 40, doors: 4, every: '8s', closeBehind: 0.5, crossLossDb: 16 }),
  },
};

/**
 * Checks a scenario that has been read from YAML.
 * @throws {InputError} SCENARIO_INVALID one line: each wrong key, what is wrong with it
 */
export function parseScenario(value: unknown, source: string): Scenario {
  const result = scenario.safeParse(value);
  if (result.success) return result.data;
  const wrong = result.error.issues.map((issue) => {
    if (issue.code === 'unrecognized_keys') return `${[...issue.path, issue.keys.join(', ')].join('.')}: no such key`;
    return `${issue.path.join('.') || '(top)'}: ${issue.message}`;
  });
  throw new InputError('SCENARIO_INVALID', `${source}: ${wrong.join('; ')}`, { source });
}
