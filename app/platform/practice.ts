import { basename } from 'node:path';
import { dataDir, plainEnvironment } from '../config/index.ts';
import type { DoorCertificate } from '../door-certificate.ts';
import { PracticeSite } from '../practice/practice-site.ts';
import { type Surroundings, tools } from './surroundings.ts';

export interface PracticeBesideOptions {
  /** Not beside a demo, nor beside another practice site. */
  readonly isOffered: boolean;
  readonly tls: DoorCertificate | null;
  /** Of the real site's web server. */
  readonly port: () => number;
}

/** The practice site that people may start beside this one; null: none is offered. */
export function practiceBeside(surroundings: Surroundings, options: PracticeBesideOptions): PracticeSite | null {
  const { config, lifetime } = surroundings;
  if (!options.isOffered || !config.practice.enabled) return null;
  const site = new PracticeSite({
    ...tools(surroundings, 'app'),
    // Beside the installation's data, never inside: it is emptied each time.
    dataDir: `${dataDir(config, process.cwd(), process.getuid?.() === 0)}-practice`,
    home: () => ({ url: config.http.url, port: options.port() }),
    url: urlOf(config),
    ...{ host: config.http.host, port: config.practice.port },
    connections: {
      ...{ most: config.http.maxConnections, mostPerAddress: config.http.maxConnectionsPerAddress },
      // A proxy too: those who practise at once are a handful.
      isTrusted: () => false,
    },
    tls: () => options.tls?.present ?? null,
    program: startedProgram(),
    env: plainEnvironment(),
  });
  options.tls?.onChange((files) => site.present(files));
  lifetime.started(site.watch());
  lifetime.started(() => site.end());
  return site;
}

/** As this process was started, from its sources or built; null where it was started by another name. */
function startedProgram(): string | null {
  const [, program = ''] = process.argv;
  return basename(program) === 'isotherm.js' ? program : null;
}

/** As it is set; else at its port on the host of the real site, where that is set. */
function urlOf({ practice, http }: Surroundings['config']): string | null {
  if (practice.url !== null || http.url === null) return practice.url;
  const url = new URL(http.url);
  url.port = String(practice.port);
  return url.origin;
}
