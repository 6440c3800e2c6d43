import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { loadConfig, settings } from '../app/config/index.ts';
import { PARTS, partsOf } from '../app/processes.ts';
import { valuesSchema } from './kubernetes/values-schema.ts';
import { systemPart } from './parts.ts';

/*
 * The Helm chart, rendered by Helm and without a cluster: each object held to the OpenAPI document of Kubernetes, and what it
 * names to the code.
 */

const helm = systemPart('helm');
const chart = join(import.meta.dirname, '../deploy/helm/isotherm');
const read = (name: string) => readFileSync(join(chart, name), 'utf8');
const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
  version: string;
};
const known = JSON.parse(readFileSync(join(import.meta.dirname, 'kubernetes/schema.json'), 'utf8')) as {
  roots: Record<string, string>;
  definitions: object;
};
const values = parse(read('values.yaml')) as { parts: Record<string, { only: string; replicas: number }> };
const temporary = mkdtempSync(join(tmpdir(), 'isotherm-helm-'));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

interface Container {
  readonly image: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly [probe: `${string}Probe`]: { readonly httpGet: { path: string; port: string }; failureThreshold: number };
}

interface PodSpec {
  readonly containers: readonly [Container];
  readonly serviceAccountName?: string;
  readonly enableServiceLinks: boolean;
  readonly terminationGracePeriodSeconds: number;
  readonly volumes: readonly { readonly secret?: { readonly items?: readonly { key: string; path: string }[] } }[];
}

interface Rendered {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: Record<string, string> };
  readonly spec: {
    readonly selector?: { readonly matchLabels: Record<string, string> };
    readonly strategy?: { readonly type: string };
    readonly template: { readonly metadata: { readonly labels: Record<string, string> }; readonly spec: PodSpec };
  };
}

const EVERYTHING = {
  secret: {
    name: 'isotherm',
    keys: { databaseReadUrl: 'database_read_url', databaseOwnerUrl: 'database_owner_url' },
    more: { REDIS_URL: 'redis_url', NATS_URL: 'nats_url', NATS_SYSTEM_URL: 'nats_system_url' },
  },
  settings: {
    ISOTHERM_HTTP_URL: 'https://cold.example',
    ISOTHERM_HTTP_TRUST_PROXY: '[10.0.0.0/8]',
    ISOTHERM_READINGS_PACK: true,
    NATS_MONITOR_URL: 'http://nats-0.nats:8222,http://nats-1.nats:8222,http://nats-2.nats:8222',
  },
  migrate: { firstAdmin: { name: 'anna' } },
  parts: { ingest: { replicas: 1 } },
  service: { mqtt: { type: 'LoadBalancer', tlsPort: 8883 } },
  tls: { secretName: 'certificate' },
  ingress: { enabled: true, className: 'haproxy', host: 'cold.example', tlsSecretName: 'page' },
  networkPolicy: { webFrom: [{ podSelector: {} }], egressTo: [{ ipBlock: { cidr: '10.0.0.0/8' } }] },
  tolerations: [{ key: 'dedicated', operator: 'Exists' }],
};

function render(given: object): Rendered[] {
  const file = join(temporary, 'values.json');
  writeFileSync(file, JSON.stringify(given));
  const text = execFileSync(helm ?? '', ['template', 'cold', chart, '--values', file], {
    encoding: 'utf8',
    stdio: 'pipe',
  });
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Rendered | null)
    .filter((object) => object !== null);
}

const least = helm === null ? [] : render({ secret: { name: 'isotherm' } });
const most = helm === null ? [] : render(EVERYTHING);
const of = (objects: readonly Rendered[], kind: string) => objects.filter((object) => object.kind === kind);
const pods = (objects: readonly Rendered[]) => [...of(objects, 'Deployment'), ...of(objects, 'Job')];

test('values.schema.json knows every setting (node tests/kubernetes/values-schema.ts)', () => {
  expect(read('values.schema.json')).toBe(valuesSchema());
});

test('chart and image follow the version of the program', () => {
  expect(parse(read('Chart.yaml'))).toMatchObject({ version, appVersion: version });
});

test('each part runs twice', () => {
  const all = Object.values(values.parts);
  const count = (part: string) => {
    const running = all.filter(({ only }) => [...partsOf(only)].some((one) => one === part));
    return running.reduce((sum, { replicas }) => sum + replicas, 0);
  };
  expect(Object.fromEntries(PARTS.map((part) => [part, count(part)]))).toEqual({
    ...{ broker: 2, ingest: 2, trace: 2, rules: 2, alerts: 2, storage: 2, web: 2 },
  });
});

describe.skipIf(helm === null)('rendered by Helm', () => {
  test('every object is one that Kubernetes knows, field by field', () => {
    const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
    ajv.addSchema({ $id: 'kubernetes', definitions: known.definitions });
    const seen = new Set<string>();
    for (const object of [...least, ...most]) {
      const id = `${object.apiVersion} ${object.kind}`;
      const root = known.roots[id];
      expect(root, id).toBeDefined();
      const isValid = ajv.validate({ $ref: `kubernetes${root}` }, object);
      expect({ name: object.metadata.name, errors: isValid ? [] : ajv.errors }).toEqual({
        name: object.metadata.name,
        errors: [],
      });
      seen.add(id);
    }
    expect([...seen].toSorted()).toEqual(Object.keys(known.roots).toSorted());
    // A field that is misspelt would be dropped by a cluster without a word.
    const broken = structuredClone(of(least, 'Deployment')[0]) as unknown as { spec: { replica?: number } };
    broken.spec.replica = 2;
    expect(ajv.validate({ $ref: `kubernetes${known.roots['apps/v1 Deployment']}` }, broken)).toBe(false);
  });

  test('pods are given settings that there are, secrets as files that are mounted, and what the program takes', () => {
    const byName = new Map(settings.map((setting) => [setting.env, setting]));
    for (const { metadata, kind, spec } of [...pods(least), ...pods(most)]) {
      const [container] = spec.template.spec.containers;
      const files = spec.template.spec.volumes.flatMap(({ secret }) => secret?.items ?? []);
      const directory = join(temporary, metadata.name);
      mkdirSync(directory, { recursive: true });
      const env: Record<string, string> = {};
      for (const { name, value } of container.env) {
        if (name === 'NODE_COMPILE_CACHE' || name === 'FIRST_ADMIN_NAME') continue;
        const setting = byName.get(name) ?? byName.get(name.replace(/_FILE$/, ''));
        expect(setting, name).toBeDefined();
        expect(name.endsWith('_FILE') && !byName.has(name), name).toBe(setting?.isSecret);
        const [, key] = /^\/etc\/isotherm\/secrets\/(.+)$/.exec(value) ?? [];
        if (key === undefined) env[name] = value;
        else {
          expect(files.map(({ path }) => path)).toContain(key);
          env[name] = join(directory, key);
          writeFileSync(env[name], secretLike(key));
        }
      }
      expect(loadConfig({ env, cwd: directory }).database.url).toContain('postgres://');
      const isOwner = files.some(({ key }) => key === 'database_owner_url');
      expect(isOwner, metadata.name).toBe(kind === 'Job' && 'DATABASE_OWNER_URL_FILE' in env);
    }
    expect(
      pods(most).some(({ spec }) =>
        spec.template.spec.containers[0].env.some(({ name }) => name === 'DATABASE_OWNER_URL_FILE'),
      ),
    ).toBe(true);
  });

  test('nothing is killed at its start, nor for a database that is away; it is ready by /readyz', () => {
    for (const { spec } of of(least, 'Deployment')) {
      const [container] = spec.template.spec.containers;
      const { startupProbe, livenessProbe, readinessProbe } = container;
      expect(startupProbe?.httpGet).toEqual({ path: '/healthz', port: 'http' });
      expect((startupProbe?.failureThreshold ?? 0) * 5).toBe(600);
      expect(livenessProbe?.httpGet).toEqual({ path: '/healthz', port: 'http' });
      expect(readinessProbe?.httpGet).toEqual({ path: '/readyz', port: 'http' });
    }
  });

  test('ports are those that the program listens on', () => {
    const byKey = (key: string) => settings.find((setting) => setting.key === key)?.default;
    const listens = { http: byKey('http.port'), mqtt: byKey('mqtt.port'), mqtts: byKey('mqtt.tls.port') };
    for (const { spec } of of(most, 'Deployment')) {
      const [{ ports = [], args }] = spec.template.spec.containers;
      for (const { name, containerPort } of ports)
        expect({ [name]: containerPort }).toEqual({ [name]: listens[name as 'http'] });
      expect(ports.some(({ name }) => name === 'mqtt')).toBe(args.includes('broker'));
    }
  });

  test('one that is upgraded is never refused for what it is selected by, and two versions of the storage are not beside each other', () => {
    for (const { metadata, spec } of of(least, 'Deployment')) {
      const selected = spec.selector?.matchLabels ?? {};
      const component = metadata.name.split('-').at(-1);
      // Kubernetes refuses another selector for a Deployment that is there.
      expect(selected).toEqual({
        'app.kubernetes.io/name': 'isotherm',
        'app.kubernetes.io/instance': 'cold',
        'app.kubernetes.io/component': component,
      });
      expect(spec.template.metadata.labels).toMatchObject(selected);
      expect(spec.template.spec.containers[0].image).toBe(`isotherm:${version}`);
      expect(spec.strategy?.type).toBe(component === 'storage' ? 'Recreate' : 'RollingUpdate');
    }
  });

  test('a node can be emptied: a budget lets one go, and there is none for one alone', () => {
    const budgets = (objects: readonly Rendered[]) =>
      of(objects, 'PodDisruptionBudget').map(({ metadata }) => metadata.name);
    expect(budgets(least).map((name) => name.split('-').at(-1))).toEqual([
      ...['broker', 'ingest', 'rules', 'storage', 'trace', 'web'],
    ]);
    expect(budgets(most).map((name) => name.split('-').at(-1))).toEqual(['broker', 'rules', 'storage', 'trace', 'web']);
    for (const { spec } of of(least, 'PodDisruptionBudget'))
      expect(spec).toMatchObject({ maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' });
  });

  test('variables that Kubernetes makes of Services are no settings', () => {
    // Service isotherm-mqtt makes ISOTHERM_MQTT_PORT=tcp://..., which the program would refuse to start with.
    for (const { spec } of [...pods(least), ...pods(most)]) expect(spec.template.spec.enableServiceLinks).toBe(false);
  });

  test('pods are ordinary users on a file system that they cannot write to, and have time to stop', () => {
    for (const { spec, kind } of [...pods(least), ...pods(most)]) {
      expect(spec.template.spec).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ['ALL'] },
            },
            volumeMounts: expect.arrayContaining([expect.objectContaining({ mountPath: '/tmp' })]),
          },
        ],
      });
      if (kind === 'Deployment') {
        expect(spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(60);
        expect(spec.template.spec.containers[0]).toMatchObject({ lifecycle: { preStop: { sleep: { seconds: 5 } } } });
      }
    }
  });

  test('one job migrates before the pods, without what is made after it', () => {
    const [job] = of(most, 'Job');
    expect(job?.metadata.annotations).toEqual({
      'helm.sh/hook': 'pre-install,pre-upgrade',
      'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded',
    });
    expect(job?.spec.template.spec.serviceAccountName).toBeUndefined();
    expect(job?.spec.template.spec.containers[0].args[0]).toMatch(
      /isotherm\.js migrate\n.*--if-absent <.*first_admin_password/s,
    );
  });

  test.each([
    ['a setting that there is not', { settings: { ISOTHERM_LOG_LEVL: 'debug' } }, /ISOTHERM_LOG_LEVL/],
    ['a secret among the settings', { settings: { ISOTHERM_SECRETS_KEY: 'a' } }, /ISOTHERM_SECRETS_KEY/],
    ['a part without a number', { parts: { storage: { replicas: -1 } } }, /storage\/replicas/],
    ['no Secret', { secret: { name: '' } }, /secret\/name/],
    ['a value that is misspelt', { netwrokPolicy: {} }, /netwrokPolicy/],
  ])('refuses %s', (_, given, reason) => {
    expect(() => render({ secret: { name: 'isotherm' }, ...given })).toThrow(reason);
  });

  test('helm lint finds nothing', () => {
    execFileSync(helm ?? '', ['lint', '--strict', chart, '--set', 'secret.name=isotherm'], { stdio: 'pipe' });
  });
});

/** What would stand under this key. */
function secretLike(key: string): string {
  if (key === 'secrets_key') return Buffer.alloc(32, 7).toString('base64');
  if (key === 'redis_url') return 'redis://redis:6379';
  if (key.startsWith('nats')) return 'nats://isotherm:secret@nats:4222';
  return key.startsWith('database')
    ? 'postgres://isotherm:secret@db-1:5432,db-2:5432/isotherm'
    : 'a secret for monitors';
}
