import { type Movement, portalTraffic, STANDARD_TRAFFIC, type Traffic } from '../portal/index.ts';
import type { PortalScenario } from './scenario.ts';

/** The traffic of a portal scenario, its first pallet a few seconds after `from`. */
export function trafficOf(scenario: PortalScenario, from: number): Traffic {
  const { pallets, doors, serialsPerPallet, every, closeBehind, crossLossDb, staged, seed } = scenario;
  const plan = { pallets, doors, serialsPerPallet, everyMs: every, closeBehind, crossLossDb, staged, seed, from };
  return portalTraffic({ ...STANDARD_TRAFFIC, ...plan, dead: 0.1, short: 0.1, extra: 0.1 });
}

/** What the platform is told of the doors, through its API: path below /api/v1 and body. */
export function portalFacts(
  { site }: PortalScenario,
  traffic: Traffic,
): { readonly method: 'PUT' | 'POST'; readonly path: string; readonly body: object }[] {
  const outside = site.replace('site:', 'vehicle:').concat('-yard');
  const place = (id: string, kind: string, name: string) => ({
    method: 'PUT' as const,
    path: `/places/${encodeURIComponent(id)}`,
    body: { kind, name, parent: null, zone: 'UTC' },
  });
  return [
    place(site, 'site', 'Simulated site'),
    place(outside, 'vehicle', 'Simulated yard'),
    place(ELSEWHERE, 'site', 'Where simulated pallets come from and go to'),
    ...traffic.doors.map(({ id, antennas, triggers }) => ({
      method: 'PUT' as const,
      path: `/portals/${encodeURIComponent(`${site.replace('site:', '')}/${id}`)}`,
      body: { name: id, site, inside: site, outside, antennas, triggers },
    })),
    ...traffic.movements.map((movement) => ({
      method: 'POST' as const,
      path: '/shipments',
      body: notice(site, movement),
    })),
  ];
}

const ELSEWHERE = 'site:elsewhere';

function notice(site: string, { unit, listed, direction, at }: Movement): object {
  const isArriving = direction === 'in';
  return {
    id: `SIM-${unit.slice(-6)}-${Math.floor(at / 1_000)}`,
    profile: '2-8C',
    origin: isArriving ? ELSEWHERE : site,
    destination: isArriving ? site : ELSEWHERE,
    departs: new Date(at - 3_600_000).toISOString(),
    arrives: new Date(at + 86_400_000).toISOString(),
    units: [{ sscc: unit, devices: [], children: listed, from: new Date(at - 7_200_000).toISOString() }],
    products: [{ gtin: '80614141123458', name: 'Simulated vials', lot: 'SIM', expiry: '2099-12-31' }],
  };
}
