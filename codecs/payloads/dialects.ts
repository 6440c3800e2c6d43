import { DEVICE_ID, dialectTopicParts } from '../../domain/index.ts';
import { CHIRPSTACK } from './chirpstack.ts';
import type { Dialect } from './dialect.ts';
import { DISRUPTIVE } from './disruptive.ts';
import { EFENTO } from './efento.ts';
import { HOME_ASSISTANT } from './home-assistant.ts';
import { HOMIE } from './homie.ts';
import { IMPINJ } from './impinj.ts';
import { INFLUX, INFLUX_MS, INFLUX_S, INFLUX_US } from './influx/influx.ts';
import { RUUVI } from './ruuvi.ts';
import { SHELLY } from './shelly.ts';
import { SPARKPLUG } from './sparkplug/sparkplug.ts';
import { TASMOTA } from './tasmota.ts';
import { TELTONIKA } from './teltonika.ts';
import { THINGS_STACK } from './things-stack.ts';
import { TIVE } from './tive.ts';
import { ZEBRA } from './zebra.ts';
import { ZIGBEE2MQTT } from './zigbee2mqtt.ts';

/** Every dialect that has a decoder. Those with topics of their own are asked in this order. */
export const DIALECTS: readonly Dialect[] = [
  SPARKPLUG,
  THINGS_STACK,
  CHIRPSTACK,
  RUUVI,
  ZIGBEE2MQTT,
  HOMIE,
  HOME_ASSISTANT,
  TASMOTA,
  SHELLY,
  DISRUPTIVE,
  TIVE,
  TELTONIKA,
  EFENTO,
  INFLUX,
  INFLUX_US,
  INFLUX_MS,
  INFLUX_S,
  IMPINJ,
  ZEBRA,
];

/** Other names that people give them. */
const ALSO: Readonly<Record<string, string>> = {
  tts: 'the-things-stack',
  'things-stack': 'the-things-stack',
  'sparkplug-b': 'sparkplug',
  'disruptive-technologies': 'disruptive',
  impinj: 'impinj-r700',
  zebra: 'zebra-fx',
};
const byName = new Map(DIALECTS.map((dialect) => [dialect.name, dialect]));
const withTopics = DIALECTS.filter(({ sourceOf }) => sourceOf !== undefined);

export function dialectNamed(name: string): Dialect | undefined {
  return byName.get(Object.hasOwn(ALSO, name) ? (ALSO[name] ?? name) : name);
}

/** Whose topic this is, in which dialect; null where nobody here decodes it. */
export function dialectOf(topic: string): { readonly dialect: Dialect; readonly source: string } | null {
  const parts = dialectTopicParts(topic);
  if (parts !== null) {
    const dialect = dialectNamed(parts.dialect);
    return dialect === undefined || !DEVICE_ID.test(parts.source) ? null : { dialect, source: parts.source };
  }
  for (const dialect of withTopics) {
    const source = dialect.sourceOf?.(topic) ?? null;
    if (source !== null) return DEVICE_ID.test(source) ? { dialect, source } : null;
  }
  return null;
}
