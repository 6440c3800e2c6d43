import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { alertRules } from './alert-rules.ts';
import { device } from './device.ts';
import { fleet } from './fleet.ts';
import { health } from './health.ts';
import { portal } from './portal.ts';
import { shipment } from './shipment.ts';

export const DASHBOARDS = [fleet, shipment, device, portal, health];

/** What is committed beside the code, by its path in this folder; `node dashboards/grafana/files.ts` writes it. */
export function grafanaFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const dashboard of DASHBOARDS) files.set(`dashboards/${dashboard.uid}.json`, text(dashboard));
  files.set('provisioning/alerting/isotherm.json', text(alertRules()));
  return files;
}

function text(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

if (import.meta.main) {
  for (const [path, content] of grafanaFiles()) {
    const file = join(import.meta.dirname, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}
