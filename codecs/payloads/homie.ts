import { InputError } from '../../domain/index.ts';
import { Collector, NOTHING_MEASURED, shown } from './collector.ts';
import type { Decode, Dialect, DialectMessage } from './dialect.ts';
import { parseJson } from './json.ts';
import { type Meant, meaningOf } from './metric-names.ts';
import { isObject } from './tag-event.ts';
import { numberIn } from './time.ts';
import { conversionOf, unitsOf } from './unit.ts';

/** `homie/5/{device}/{node}/{property}`, and below it `$target`, `set`; Homie 4 leaves the version out. */
const TOPIC =
  /^homie\/(?:5\/)?([a-z0-9][a-z0-9-]*)\/(?:(\$[a-z0-9-]+)(?:\/.+)?|([a-z0-9][a-z0-9-]*)\/(?:([a-z0-9][a-z0-9-]*)(?:\/(.+))?|\$[a-z0-9-]+))$/;
/** Devices remembered: of the one heard least recently the description is forgotten. */
const MOST_DEVICES = 10_000;
const MOST_PROPERTIES = 512;

/** What is known of a device's properties, by `node/property`. */
interface Description {
  readonly units: Map<string, string>;
  /** From a `$description`, which names all of them; null where none was heard. */
  properties: ReadonlySet<string> | null;
  /** Without one: the node that the device's readings of a metric come from. */
  readonly first: Map<string, string>;
}

/**
 * Homie 5, and 4 (homieiot.github.io): a property a topic, its value as text, its unit in the retained `$description` (5)
 * or `$unit` (4); until one was told it waits: a number alone may be °F. A property is taken by its name. Where several nodes of a device have the same
 * property each is `{device}.{node}`. Values have no time: they are of their arrival.
 */
export const HOMIE: Dialect = {
  name: 'homie',
  sourceOf: (topic) => TOPIC.exec(topic)?.[1] ?? null,
  decode: (message) => session()(message),
  session,
};

function session(): Decode {
  const devices = new Map<string, Description>();
  return (message) => {
    const [, device = message.source, attribute, node, property, below] = TOPIC.exec(message.topic) ?? [];
    const known = devices.get(device) ?? { units: new Map(), properties: null, first: new Map() };
    devices.delete(device);
    devices.set(device, known);
    const [eldest] = devices.keys();
    if (devices.size > MOST_DEVICES && eldest !== undefined) devices.delete(eldest);
    if (attribute === '$description') return describe(message, known);
    if (node === undefined || property === undefined) return NOTHING_MEASURED;
    if (below === '$unit' && known.units.size < MOST_PROPERTIES)
      known.units.set(`${node}/${property}`, textOf(message));
    if (below !== undefined) return NOTHING_MEASURED;
    return read(message, { device, node, property }, known);
  };
}

/** Of a description that cannot be read the one before stands. */
function describe({ payload }: DialectMessage, known: Description) {
  const into = new Collector();
  if (payload.length === 0) return into.decoded();
  try {
    const description = parseJson(payload);
    const nodes = isObject(description) && isObject(description.nodes) ? description.nodes : {};
    const properties = new Set<string>();
    known.units.clear();
    for (const [node, { properties: inner }] of Object.entries(nodes).filter(isNode)) {
      for (const [name, property] of Object.entries(isObject(inner) ? inner : {})) {
        if (!isObject(property) || properties.size >= MOST_PROPERTIES) continue;
        properties.add(`${node}/${name}`);
        if (typeof property.unit === 'string') known.units.set(`${node}/${name}`, property.unit);
      }
    }
    known.properties = properties;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    into.refuse('PAYLOAD_NOT_JSON', '$description', error.message);
  }
  return into.decoded();
}

function isNode(entry: [string, unknown]): entry is [string, { readonly properties?: unknown }] {
  return isObject(entry[1]);
}

interface Property {
  readonly device: string;
  readonly node: string;
  readonly property: string;
}

function read(message: DialectMessage, { device, node, property }: Property, known: Description) {
  const into = new Collector();
  const meant = meantBy(property);
  const text = textOf(message);
  // Empty takes a retained value back.
  if (meant === null || text === '') return into.decoded();
  const { metric } = meant;
  const field = `${node}/${property}`;
  const others = known.properties === null ? null : [...known.properties].filter((path) => isSame(path, metric));
  const first = known.first.get(metric) ?? node;
  if (others === null) {
    known.first.set(metric, first);
    if (first !== node) {
      const detail = `measures ${metric} as ${first} does, and no $description says what the device has`;
      into.refuse('BIRTH_MISSING', field, detail, device);
      return into.decoded();
    }
  }
  const of = others !== null && others.length > 1 ? `${device}.${node}` : device;
  const unit = known.units.get(field) ?? meant.unit ?? null;
  const convert = unit === null ? null : conversionOf(metric, unit);
  if (convert === null && metric !== 'door') {
    const missing = known.properties === null ? 'has no unit: none was heard' : 'has no unit in its $description';
    const what = unit === null ? missing : `is in ${shown(unit)}`;
    into.refuse('UNIT_NOT_UNDERSTOOD', field, `${what}; allowed: ${unitsOf(metric)}`, of);
    return into.decoded();
  }
  const number =
    text === 'true' || text === 'false'
      ? metric === 'door'
        ? Number(text === 'true')
        : text
      : (numberIn(text) ?? text);
  into.measure(of, metric, typeof number === 'number' && convert !== null ? convert(number) : number, null, field);
  return into.decoded();
}

/** `temperature`, `temperature-2`; a door's is `open` or `door`. */
function meantBy(property: string): Meant | null {
  if (property === 'door' || property === 'open') return { metric: 'door' };
  if (property === 'battery' || property === 'battery-level') return { metric: 'battery' };
  return meaningOf(property) ?? meaningOf(property.replace(/-?\d+$/, ''));
}

function isSame(path: string, metric: string): boolean {
  return meantBy(path.split('/')[1] ?? '')?.metric === metric;
}

function textOf({ payload }: DialectMessage): string {
  return payload.length > 1024 ? '(long)' : Buffer.from(payload).toString('utf8').trim();
}
