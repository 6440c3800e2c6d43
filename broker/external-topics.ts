import { gatewayTopic, nativeTopic } from '../domain/index.ts';

/**
 * What is taken from a broker of others, in MQTT topic filters: our own topics, and those of the dialects as their makers
 * write them. No two of them match one topic, so that nothing comes twice.
 */
export const EXTERNAL_FILTERS: readonly string[] = [
  ...['isotherm/v1/devices/+/readings', 'isotherm/v1/gateways/+/batches', 'isotherm/v1/dialects/+/+'],
  ...['NBIRTH', 'NDATA', 'NDEATH'].map((type) => `spBv1.0/+/${type}/+`),
  ...['DBIRTH', 'DDATA', 'DDEATH'].map((type) => `spBv1.0/+/${type}/+/+`),
  ...['v3/+/devices/+/up', 'v3/+/devices/+/location/solved', 'ruuvi/+/+'],
  // A device's name may have folders, and a value a topic of its own.
  ...['zigbee2mqtt/+', 'zigbee2mqtt/+/+', 'zigbee2mqtt/+/+/+'],
  ...['up', 'status', 'location'].map((event) => `application/+/device/+/event/${event}`),
  ...['tele/+/SENSOR', '+/tele/SENSOR', 'stat/+/STATUS8', 'stat/+/STATUS10', '+/events/rpc', '+/status/+'],
  // Homie 4 leaves the version out: its property is where a node's attribute is in Homie 5.
  ...['homie/+/+/+', 'homie/+/+/+/+'],
  ...['homeassistant', 'statestream'].flatMap((root) => [`${root}/sensor/+/+`, `${root}/binary_sensor/+/+`]),
];

/** What sessions of before listened to, and what would now come twice. */
export const FORMER_FILTERS: readonly string[] = ['homie/5/+/+', 'homie/5/+/+/+'];

/**
 * What devices say of themselves, retained: units and kinds of what they measure. Every process has to know them, and a
 * shared subscription brings nothing retained, so they are not shared out. No reading comes on them.
 */
export const DESCRIPTION_FILTERS: readonly string[] = [
  ...['homie/5/+/$description', 'homie/+/+/+/$unit'],
  ...['homeassistant', 'statestream'].flatMap((root) =>
    ['sensor', 'binary_sensor'].flatMap((domain) => [
      `${root}/${domain}/+/unit_of_measurement`,
      `${root}/${domain}/+/device_class`,
    ]),
  ),
];

/** Retained, and of interest to every process: it is not shared out. */
export const STATUS_FILTER = gatewayTopic('+', 'status');

/**
 * Who speaks on a topic, where the topic is all there is to go by: the broker's list of rights has let it through.
 * @returns null where the topic names nobody
 */
export function speakerOf(topic: string, sourceOf: (topic: string) => string | null): string | null {
  return nativeTopic(topic)?.id ?? sourceOf(topic);
}
