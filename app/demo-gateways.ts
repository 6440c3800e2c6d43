import { join } from 'node:path';
import type { Logger, Meter, TimeSource } from '../domain/index.ts';
import { Gateway, gatewayConfigSchema } from '../gateways/index.ts';
import { ANTENNA, PORTALS, SITES, SimulatedReader } from '../simulators/index.ts';

export interface DemoGateways {
  /** By reader id. */
  readonly readers: ReadonlyMap<string, SimulatedReader>;
  stop(): Promise<void>;
}

export interface DemoGatewaysOptions {
  readonly brokerUrl: string;
  readonly dataDir: string;
  passwordOf(gateway: string): string;
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly meter: Meter;
}

/** Id of the gateway at a demo site. */
export function gatewayOf(site: string): string {
  return `gw-${site.replace('site:', '')}`;
}

/** One real gateway a site, each holding LLRP sessions with the simulated readers at the site's doors. */
export async function startDemoGateways(options: DemoGatewaysOptions): Promise<DemoGateways> {
  const { brokerUrl, dataDir, time, logger, meter } = options;
  const readers = new Map<string, SimulatedReader>();
  const gateways: Gateway[] = [];
  for (const site of SITES) {
    const id = gatewayOf(site.id);
    const profiles = [];
    for (const portal of PORTALS.filter((candidate) => candidate.site === site.id)) {
      const reader = new SimulatedReader({ time, antennas: 2 });
      await reader.start();
      readers.set(portal.reader, reader);
      profiles.push({
        id: portal.reader,
        host: '127.0.0.1',
        port: reader.port,
        antennas: [
          { antenna: ANTENNA.outside, portal: portal.id, side: 'outside' },
          { antenna: ANTENNA.inside, portal: portal.id, side: 'inside' },
        ],
        outputs: { green: 1, amber: 2, red: 3, buzzer: 4 },
      });
    }
    const config = gatewayConfigSchema.parse({
      id,
      mqtt: { url: brokerUrl, password: options.passwordOf(id) },
      dataDir: join(dataDir, id),
      readers: profiles,
    });
    const gateway = new Gateway({ config, time, logger: logger.child({ gateway: id }), meter });
    await gateway.start();
    gateways.push(gateway);
  }
  return {
    readers,
    async stop() {
      await Promise.all(gateways.map((gateway) => gateway.stop()));
      await Promise.all([...readers.values()].map((reader) => reader.stop()));
    },
  };
}
