import type { MqttDoorView } from '../../../api/index.ts';
import type { CredentialSecret } from './admin-queries.ts';

/** A piece of text to paste somewhere, with what it is for. */
export interface ReadyLine {
  readonly for: 'mosquitto' | 'shelly' | 'ruuvi' | 'gateway';
  readonly text: string;
}

/** Where devices reach the broker: the host that this page is reached at. */
export interface BrokerPlace extends MqttDoorView {
  readonly host: string;
}

const PLAIN_PORT = 1_883;

/** What devices of common makes are told, with credentials that are shown this once. */
export function readyLines({ id, username, password }: CredentialSecret, { host, port }: BrokerPlace): ReadyLine[] {
  const at = port ?? PLAIN_PORT;
  const topic = `isotherm/v1/devices/${id}/readings`;
  const shelly = {
    ...{ id: 1, method: 'Mqtt.SetConfig' },
    params: {
      config: {
        ...{ enable: true, server: `${host}:${at}`, client_id: id, user: username, pass: password },
        ...{ topic_prefix: id, rpc_ntf: true, status_ntf: true },
      },
    },
  };
  const ruuvi = {
    ...{ use_mqtt: true, mqtt_transport: 'TCP', mqtt_server: host, mqtt_port: at, mqtt_prefix: `ruuvi/${id}/` },
    ...{ mqtt_client_id: id, mqtt_user: username, mqtt_pass: password },
  };
  const gateway = [
    `id: ${JSON.stringify(id)}`,
    'mqtt:',
    `  url: ${JSON.stringify(`mqtt://${urlHost(host)}:${at}`)}`,
    `  password: ${JSON.stringify(password)}`,
    'dataDir: /var/lib/isotherm-gateway',
    'readers:',
    '  - id: reader-1',
    '    host: 10.0.0.5',
    '    antennas:',
    '      - { antenna: 1, portal: dock-1 }',
  ];
  return [
    {
      for: 'mosquitto',
      text: `mosquitto_pub -h ${host} -p ${at} -q 1 -i ${id} -u ${username} -P '${password}' -t ${topic} -m '{"temperature":5.1}'`,
    },
    { for: 'shelly', text: `curl http://SHELLY/rpc -d '${JSON.stringify(shelly)}'` },
    { for: 'ruuvi', text: `curl http://RUUVI/ruuvi.json -d '${JSON.stringify(ruuvi)}'` },
    { for: 'gateway', text: gateway.join('\n') },
  ];
}

/** The same as an address, for a camera. */
export function addressOf({ username, password }: CredentialSecret, { host, port }: BrokerPlace): string {
  const user = `${encodeURIComponent(username)}:${encodeURIComponent(password)}`;
  return `mqtt://${user}@${urlHost(host)}:${port ?? PLAIN_PORT}`;
}

function urlHost(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
