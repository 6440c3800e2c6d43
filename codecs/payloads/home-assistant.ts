import type { Metric } from '../../domain/index.ts';
import { Collector, NOTHING_MEASURED, shown } from './collector.ts';
import type { Decode, Dialect, DialectMessage } from './dialect.ts';
import { numberIn } from './time.ts';
import { conversionOf, unitsOf } from './unit.ts';

/** `{base topic}/sensor/{object}/{attribute}`; `config` is how devices announce themselves to Home Assistant. */
const TOPIC = /^(?:homeassistant|statestream)\/(sensor|binary_sensor)\/([a-z0-9_]+)\/(?!config$)([a-z0-9_]+)$/;
/** Entities remembered. */
const MOST_ENTITIES = 20_000;

/** Device classes of Home Assistant that are metrics of ours, and the ends of names that say the same. */
const CLASSES: Readonly<Record<string, Metric>> = {
  temperature: 'temperature',
  humidity: 'humidity',
  pressure: 'pressure',
  atmospheric_pressure: 'pressure',
  illuminance: 'light',
  battery: 'battery',
  door: 'door',
  garage_door: 'door',
  opening: 'door',
  window: 'door',
};
const SUFFIX = /_(temperature|humidity|atmospheric_pressure|pressure|illuminance|battery|garage_door|door|opening)$/;
/** Classes of one unit alone, which Home Assistant holds them to (its sensor `DEVICE_CLASS_UNITS`): told, they tell it. */
const OF_ONE_UNIT: ReadonlySet<string> = new Set(['humidity', 'battery', 'illuminance']);
const NO_STATE: ReadonlySet<string> = new Set(['unknown', 'unavailable', 'none', '']);

interface Entity {
  deviceClass: string | null;
  unit: string | null;
}

/**
 * Home Assistant's statestream (home-assistant.io/integrations/mqtt_statestream), with `publish_attributes: true` and the
 * base topic `homeassistant` or `statestream`: the state of an entity and its attributes, each on a topic of its own. The
 * device is the entity without the end that names the metric (`sensor.fridge_temperature`: `fridge`). A value is
 * taken once its unit was told, or a class that has only one: an American installation says °F, what is called `_battery`
 * may be volts, and `_absolute_humidity` is grams.
 */
export const HOME_ASSISTANT: Dialect = {
  name: 'home-assistant',
  sourceOf(topic) {
    const object = TOPIC.exec(topic)?.[2];
    return object === undefined ? null : object.replace(SUFFIX, '');
  },
  decode: (message) => session()(message),
  session,
};

function session(): Decode {
  const entities = new Map<string, Entity>();
  return (message) => {
    const [, domain = '', object = '', attribute] = TOPIC.exec(message.topic) ?? [];
    if (object === '') return NOTHING_MEASURED;
    const key = `${domain}.${object}`;
    const entity = entities.get(key) ?? { deviceClass: null, unit: null };
    entities.delete(key);
    entities.set(key, entity);
    const [eldest] = entities.keys();
    if (entities.size > MOST_ENTITIES && eldest !== undefined) entities.delete(eldest);
    if (attribute === 'unit_of_measurement') entity.unit = unquoted(message);
    else if (attribute === 'device_class') entity.deviceClass = unquoted(message);
    return attribute === 'state' ? readState(message, object, entity) : NOTHING_MEASURED;
  };
}

function readState(message: DialectMessage, object: string, { deviceClass, unit }: Entity) {
  const into = new Collector();
  const { source } = message;
  const text = unquoted(message) ?? '';
  const named = SUFFIX.exec(object)?.[1];
  const metric = CLASSES[deviceClass ?? named ?? ''];
  if (metric === undefined || NO_STATE.has(text.toLowerCase())) return into.decoded();
  const convert = unit === null ? null : conversionOf(metric, unit);
  if (metric === 'door') {
    into.measure(source, metric, text === 'on' ? 1 : text === 'off' ? 0 : text, null, 'state');
  } else if (numberIn(text) === undefined) {
    into.measure(source, metric, text, null, 'state');
  } else if (unit === null ? !OF_ONE_UNIT.has(deviceClass ?? '') : convert === null) {
    const what = unit === null ? 'has no unit yet; publish_attributes: true sends it' : `is in ${shown(unit)}`;
    into.refuse('UNIT_NOT_UNDERSTOOD', 'unit_of_measurement', `${what}; allowed: ${unitsOf(metric)}`, source);
  } else {
    const number = numberIn(text) ?? Number.NaN;
    into.measure(source, metric, convert === null ? number : convert(number), null, 'state');
  }
  return into.decoded();
}

/** Attributes are JSON (`"\\u00b0C"`), states bare text. */
function unquoted({ payload }: DialectMessage): string | null {
  if (payload.length > 1024) return null;
  const text = Buffer.from(payload).toString('utf8').trim();
  if (!text.startsWith('"')) return text;
  try {
    return String(JSON.parse(text));
  } catch {
    // No JSON: what it says is what stands there.
    return text;
  }
}
