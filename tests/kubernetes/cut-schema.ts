import { readFileSync } from 'node:fs';

/*
 * Cuts tests/kubernetes/schema.json from the OpenAPI document of Kubernetes (Apache-2.0), `api/openapi-spec/swagger.json` of
 * kubernetes/kubernetes: `node tests/kubernetes/cut-schema.ts swagger.json 1.36 > tests/kubernetes/schema.json`. Ours came by
 * kubernetes-client/python, kubernetes/swagger.json.unprocessed. Kept are the kinds that the chart makes, without
 * descriptions and without kinds of volumes that nobody here mounts; a field that is not named is refused.
 */

const KINDS = [
  ...['apps/v1 Deployment', 'batch/v1 Job', 'v1 Service', 'v1 ServiceAccount', 'policy/v1 PodDisruptionBudget'],
  ...['networking.k8s.io/v1 NetworkPolicy', 'networking.k8s.io/v1 Ingress'],
];
const VOLUMES = new Set(['name', 'emptyDir', 'secret', 'configMap', 'projected']);
const LEFT_OUT = new Set(['status', 'managedFields', 'ephemeralContainers']);

interface Definition {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly 'x-kubernetes-group-version-kind'?: readonly { group: string; version: string; kind: string }[];
}

const [, , file = '', version = ''] = process.argv;
const { definitions } = JSON.parse(readFileSync(file, 'utf8')) as { definitions: Readonly<Record<string, Definition>> };
const kept: Record<string, unknown> = {};

function keep(name: string): void {
  if (name in kept) return;
  kept[name] = null;
  // Swagger 2 knows no two types; `format` says what is meant.
  if (name.endsWith('.IntOrString')) {
    kept[name] = { type: ['integer', 'string'] };
    return;
  }
  const { properties, ...rest } = definitions[name] ?? {};
  const isVolume = name.endsWith('core.v1.Volume');
  const chosen = Object.entries(properties ?? {}).filter(([key]) => !isVolume || VOLUMES.has(key));
  const isOpen = properties === undefined || 'additionalProperties' in rest;
  kept[name] = {
    ...(cut(rest) as object),
    ...(properties !== undefined && { properties: cut({ properties: Object.fromEntries(chosen) }, true) }),
    ...(!isOpen && { additionalProperties: false }),
  };
}

function cut(value: unknown, isInside = false): unknown {
  if (Array.isArray(value)) return value.map((one) => cut(one));
  if (typeof value !== 'object' || value === null) return value;
  if (isInside) return named((value as { properties: object }).properties);
  const out: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    if (key.startsWith('x-kubernetes') || (key === 'description' && typeof inner === 'string')) continue;
    if (key === '$ref') {
      const name = String(inner).split('/').at(-1) ?? '';
      keep(name);
      out[key] = `#/definitions/${name}`;
    } else out[key] = key === 'properties' ? named(inner as object) : cut(inner);
  }
  return out;
}

function named(properties: object): object {
  const entries = Object.entries(properties).filter(([key]) => !LEFT_OUT.has(key));
  return Object.fromEntries(entries.map(([key, inner]) => [key, cut(inner)]));
}

const roots: Record<string, string> = {};
for (const [name, found] of Object.entries(definitions)) {
  for (const { group, version: of, kind } of found['x-kubernetes-group-version-kind'] ?? []) {
    const id = `${group === '' ? '' : `${group}/`}${of} ${kind}`;
    if (!KINDS.includes(id)) continue;
    keep(name);
    roots[id] = `#/definitions/${name}`;
  }
}
process.stdout.write(`${JSON.stringify({ kubernetes: version, roots, definitions: kept })}\n`);
