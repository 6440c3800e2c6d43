import { z } from 'zod';
import { configSchema } from './schema.ts';

/** One leaf of the configuration, as documentation, the environment and error messages see it. */
export interface Setting {
  /** `http.port` */
  readonly key: string;
  readonly path: readonly string[];
  /** `ISOTHERM_HTTP_PORT`, or a name of its own such as `DATABASE_URL`. */
  readonly env: string;
  readonly about: string;
  readonly allowed: string;
  readonly isSecret: boolean;
  readonly default: unknown;
  /** How the environment's text is read: as it stands, or as YAML (numbers, lists). */
  readonly form: 'text' | 'yaml';
}

export const settings: readonly Setting[] = leaves(configSchema, []);

function leaves(schema: z.core.$ZodType, path: readonly string[]): Setting[] {
  const bare = schema instanceof z.ZodPrefault ? schema.unwrap() : schema;
  if (bare instanceof z.ZodObject) {
    return Object.entries(bare.shape).flatMap(([name, inner]) => leaves(inner as z.core.$ZodType, [...path, name]));
  }
  const meta = z.globalRegistry.get(schema) ?? {};
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return [
    {
      key: path.join('.'),
      path,
      env: typeof meta.env === 'string' ? meta.env : environmentName(path),
      about: String(meta.about ?? ''),
      allowed: String(meta.allowed ?? ''),
      isSecret: meta.secret === true,
      default: json.default,
      form: isText(json) ? 'text' : 'yaml',
    },
  ];
}

/** `http.port` → `ISOTHERM_HTTP_PORT`; `maxAge` → `MAX_AGE`. */
function environmentName(path: readonly string[]): string {
  const words = path.map((part) =>
    part
      .replace(/([a-z])([A-Z])/g, '$1_$2')
      .replaceAll('-', '_')
      .toUpperCase(),
  );
  return `ISOTHERM_${words.join('_')}`;
}

function isText(json: z.core.JSONSchema.BaseSchema): boolean {
  return (
    json.type === 'string' ||
    (json.anyOf ?? []).some((option) => typeof option === 'object' && option.type === 'string')
  );
}
