import { z } from 'zod';
import { KINDS } from './kinds.ts';
import { KINDS_OVER_PASSES } from './pass-kinds.ts';

/** One key of a rule, as a form asks for it. */
export interface RuleField {
  readonly key: string;
  /** `other`: more than a form shows, such as a list of limits; kept as it is written. */
  readonly type: 'number' | 'whole' | 'duration' | 'choice' | 'choices' | 'yesNo' | 'text' | 'names' | 'other';
  readonly isRequired: boolean;
  /** Of a choice, in their order. */
  readonly options?: readonly (string | number)[];
  /** What it is where nothing is written. */
  readonly default?: string | number | boolean;
}

/** A kind of rule with its keys in the order in which people read them. */
export interface RuleKindFields {
  readonly kind: string;
  readonly fields: readonly RuleField[];
}

/** What every kind of rule is written with, taken from the schemas that read rule files: a new key is in the form with it. */
export function ruleKindFields(): readonly RuleKindFields[] {
  return Object.entries({ ...KINDS, ...KINDS_OVER_PASSES }).map(([kind, schema]) => {
    const { properties = {}, required = [] } = outline.parse(
      z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' }),
    );
    const fields = Object.entries(properties)
      .filter(([key]) => key !== 'kind')
      .map(([key, property]) => fieldOf(key, property, required.includes(key)));
    // What it is called and when it counts come last in a schema's spread, and last in a form.
    const own = fields.filter(({ key }) => !COMMON.includes(key));
    return { kind, fields: [...fields.filter(({ key }) => key === 'id'), ...own, ...inOrder(fields)] };
  });
}

/** What every kind has, after its own. */
const COMMON = ['id', 'severity', 'severityBy', 'appliesTo', 'summary', 'labels', 'effectiveFrom'];

function inOrder(fields: readonly RuleField[]): readonly RuleField[] {
  return COMMON.slice(1).flatMap((key) => fields.filter((field) => field.key === key));
}

const scalar = z.union([z.string(), z.number()]);
const property = z.object({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  format: z.string().optional(),
  enum: z.array(scalar).optional(),
  anyOf: z.array(z.object({ const: scalar.optional() })).optional(),
  items: z.object({ type: z.unknown().optional(), enum: z.array(scalar).optional() }).optional(),
  default: z.union([z.string(), z.number(), z.boolean()]).optional().catch(undefined),
});
/** As much of JSON Schema as the kinds come out as. */
const outline = z.object({
  properties: z.record(z.string(), property).optional(),
  required: z.array(z.string()).optional(),
});

function fieldOf(key: string, given: z.output<typeof property>, isRequired: boolean): RuleField {
  const options = given.enum ?? given.items?.enum ?? constantsOf(given);
  return {
    key,
    type: typeOf(given, options),
    isRequired: isRequired && given.default === undefined,
    ...(options !== undefined && { options }),
    ...(given.default !== undefined && { default: given.default }),
  };
}

function typeOf(given: z.output<typeof property>, options: RuleField['options']): RuleField['type'] {
  if (options !== undefined) return given.type === 'array' ? 'choices' : 'choice';
  switch (given.type) {
    case 'string':
      return given.format === 'duration' ? 'duration' : 'text';
    case 'number':
      return 'number';
    case 'integer':
      return 'whole';
    case 'boolean':
      return 'yesNo';
    case 'array':
      return given.items?.type === 'string' ? 'names' : 'other';
    default:
      return 'other';
  }
}

function constantsOf({ anyOf }: z.output<typeof property>): RuleField['options'] {
  const constants = anyOf?.map((one) => one.const);
  return constants?.every((one) => one !== undefined) === true ? constants : undefined;
}
