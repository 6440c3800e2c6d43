import type { Config } from './schema.ts';
import { settings } from './settings.ts';

const MASK = '***';

/** The configuration as it may be shown: set secrets are replaced, structure stays. */
export function maskedConfig(config: Config): Record<string, unknown> {
  const shown = structuredClone(config) as Record<string, unknown>;
  for (const setting of settings) {
    if (!setting.isSecret) continue;
    const parent = setting.path.slice(0, -1).reduce<Record<string, unknown> | undefined>((node, part) => {
      const next = node?.[part];
      return typeof next === 'object' && next !== null ? (next as Record<string, unknown>) : undefined;
    }, shown);
    const last = setting.path.at(-1);
    if (parent !== undefined && last !== undefined) parent[last] = masked(parent[last]);
  }
  return shown;
}

/** A URL keeps everything but its password and the values of its query; a list keeps its length; anything else is hidden whole. */
function masked(value: unknown): unknown {
  if (value === null || value === undefined) return value;
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, key === 'id' || key === 'kind' ? inner : MASK]),
    );
  }
  if (typeof value === 'string' && URL.canParse(value)) {
    const url = new URL(value);
    if (url.password !== '') url.password = MASK;
    for (const name of new Set(url.searchParams.keys())) url.searchParams.set(name, MASK);
    return url.href;
  }
  return MASK;
}
