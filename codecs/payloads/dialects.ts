import { DEVICE_ID, dialectTopicParts } from '../../domain/index.ts';
import { CHIRPSTACK } from './chirpstack.ts';
import type { Dialect } from './dialect.ts';
import { DISRUPTIVE } from './disruptive.ts';
import { IMPINJ } from './impinj.ts';
import { RUUVI } from './ruuvi.ts';
import { SHELLY } from './shelly.ts';
import { TASMOTA } from './tasmota.ts';
import { THINGS_STACK } from './things-stack.ts';
import { ZEBRA } from './zebra.ts';
import { ZIGBEE2MQTT } from './zigbee2mqtt.ts';

/** Every dialect that has a decoder. Those with topics of their own are asked in this order. */
export const DIALECTS: readonly Dialect[] = [
  THINGS_STACK,
  CHIRPSTACK,
  RUUVI,
  ZIGBEE2MQTT,
  TASMOTA,
  SHELLY,
  DISRUPTIVE,
  IMPINJ,
  ZEBRA,
];

const byName = new Map(DIALECTS.map((dialect) => [dialect.name, dialect]));
const withTopics = DIALECTS.filter(({ sourceOf }) => sourceOf !== undefined);

export function dialectNamed(name: string): Dialect | undefined {
  return byName.get(name);
}

/** Whose topic this is, in which dialect; null where nobody here decodes it. */
export function dialectOf(topic: string): { readonly dialect: Dialect; readonly source: string } | null {
  const parts = dialectTopicParts(topic);
  if (parts !== null) {
    const dialect = byName.get(parts.dialect);
    return dialect === undefined || !DEVICE_ID.test(parts.source) ? null : { dialect, source: parts.source };
  }
  for (const dialect of withTopics) {
    const source = dialect.sourceOf?.(topic) ?? null;
    if (source !== null) return DEVICE_ID.test(source) ? { dialect, source } : null;
  }
  return null;
}
