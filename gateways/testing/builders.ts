import type { z } from 'zod';
import { type GatewayConfig, type gatewayConfigSchema, parseGatewayConfig } from '../config.ts';
import { temporaryDirectory } from './directory.ts';

type ConfigInput = z.input<typeof gatewayConfigSchema>;

/** A gateway's configuration with quick timings and a spool directory of its own. */
export function gatewayConfig(changes: Partial<ConfigInput> & Pick<ConfigInput, 'mqtt' | 'readers'>): GatewayConfig {
  const dataDir = temporaryDirectory();
  return parseGatewayConfig({ id: 'gw-1', dataDir, gatherMs: 5, updateMs: 100, cutOffMs: 50, ...changes }, 'test');
}

/** A reader at a dock with one antenna on each side of the door. */
export function dockReader(
  port: number,
  changes: Partial<ConfigInput['readers'][number]> = {},
): ConfigInput['readers'][number] {
  return {
    id: 'dock-1',
    host: '127.0.0.1',
    port,
    antennas: [
      { antenna: 1, portal: 'portal:lyon/dock-1', side: 'outside' },
      { antenna: 2, portal: 'portal:lyon/dock-1', side: 'inside' },
    ],
    gpi: [{ port: 1 }],
    outputs: { green: 1, amber: 2, red: 3, buzzer: 4 },
    keepaliveMs: 1000,
    ...changes,
  };
}

/** SGTIN-96 number `n`, as hex. */
export function epcHex(n: number): string {
  return `3074257BF7194E4000${n.toString(16).padStart(6, '0').toUpperCase()}`;
}
