import { existsSync } from 'node:fs';

/** Programs from the system that some tests hold the platform against; a missing one skips them, but not in CI. */
const PARTS = {
  cc: ['/usr/bin/cc', '/usr/bin/gcc'],
  'C library headers': ['/usr/include/unistd.h'],
  'docker-compose': ['/usr/bin/docker-compose'],
  // The shell, Chromium without what is around its pages, needs less than half of the processor a page.
  chromium: ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium', '/usr/bin/chromium-browser'],
  'chromium with notifications': ['/usr/bin/chromium', '/usr/bin/chromium-browser'],
  // Debian has it in unstable alone: .ci/run unpacks it there, or says where.
  'nats-server': [
    ...(process.env.ISOTHERM_NATS_SERVER === undefined ? [] : [process.env.ISOTHERM_NATS_SERVER]),
    '/opt/nats/usr/sbin/nats-server',
  ],
  openssl: ['/usr/bin/openssl'],
  haproxy: ['/usr/sbin/haproxy'],
  // .ci/run takes it out of an npm package: Debian has none.
  helm: ['/opt/helm/helm', '/usr/local/bin/helm', '/usr/bin/helm'],
  // On a machine that has none .ci/run unpacks it.
  pg_basebackup: ['', '/opt/postgresql'].flatMap((root) =>
    [15, 17].map((version) => `${root}/usr/lib/postgresql/${version}/bin/pg_basebackup`),
  ),
  // .ci/run unpacks both: installed they would bring users, and a PostgreSQL that runs.
  patroni: ['/opt/patroni/usr/bin/patroni', '/usr/bin/patroni'],
  etcd: ['/opt/patroni/usr/bin/etcd', '/usr/bin/etcd'],
  mosquitto: ['/usr/sbin/mosquitto'],
  mosquitto_pub: ['/usr/bin/mosquitto_pub'],
  pgbouncer: ['/usr/sbin/pgbouncer'],
  promtool: ['/usr/bin/promtool'],
  qpdf: ['/usr/bin/qpdf'],
  sftp: ['/usr/bin/sftp'],
  'sftp-server': ['/usr/lib/openssh/sftp-server'],
  tshark: ['/usr/bin/tshark'],
  'redis-server': ['/usr/bin/redis-server'],
  'victoria-metrics': ['/usr/bin/victoria-metrics'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/**
 * Path of a system program, or null after saying why the test is skipped.
 * @throws {Error} where parts are required (`ISOTHERM_TEST_REQUIRE_PARTS`, set by .ci/run) and it is not there
 */
export function systemPart(name: keyof typeof PARTS): string | null {
  const found = PARTS[name].find((path) => existsSync(path)) ?? null;
  if (found !== null) return found;
  const reason = `${name} is not installed (looked at ${PARTS[name].join(', ')})`;
  if (process.env.ISOTHERM_TEST_REQUIRE_PARTS === '1') throw new Error(reason);
  process.stderr.write(`skipped: ${reason}\n`);
  return null;
}

/** A file or folder of the samples by others that are kept beside the project, or null where it stands alone. */
export function sharedTestdata(name: string): URL | null {
  const path = new URL(`../../shared/testdata/${name}`, import.meta.url);
  if (existsSync(path)) return path;
  process.stderr.write(`skipped: ${WITHOUT_SAMPLES} (${name})\n`);
  return null;
}

/** Why a test of samples is skipped. */
export const WITHOUT_SAMPLES = 'the outside samples in ../shared/testdata are not here';
