import type { Counter, Gauge, Meter, MeterDefinition } from '../domain/index.ts';

/** Everything the broker counts, with unit and meaning. */
export const BROKER_METRICS = {
  connections: { name: 'isotherm_broker_connections', help: 'Open MQTT connections, signed in or not' },
  refusedConnections: {
    name: 'isotherm_broker_refused_connections',
    help: 'Connections refused, by reason: full, address, level, credentials, certificate, identity, will, unavailable',
    labels: ['reason'],
  },
  messages: { name: 'isotherm_broker_messages', help: 'Messages handed on' },
  acknowledged: { name: 'isotherm_broker_acknowledged_messages', help: 'Messages acknowledged (QoS 0: taken)' },
  unaccepted: {
    name: 'isotherm_broker_unaccepted_messages',
    help: 'Messages that could not be made durable and are left to the client to send again, or, QoS 0, are lost',
    labels: ['qos'],
  },
  refusedMessages: {
    name: 'isotherm_broker_refused_messages',
    help: 'Messages refused, by reason: topic (kept in quarantine); size, packet id, malformed (sender disconnected)',
    labels: ['reason'],
  },
  refusedSubscriptions: {
    name: 'isotherm_broker_refused_subscriptions',
    help: 'Subscriptions to topics that are not the client’s own commands',
  },
  inFlightBytes: { name: 'isotherm_broker_in_flight_bytes', help: 'Payload bytes handed on and not yet settled' },
  clientErrors: { name: 'isotherm_broker_client_errors', help: 'Connections that ended in a protocol or socket error' },
} as const satisfies Record<string, MeterDefinition>;

export interface BrokerMetrics {
  readonly connections: Gauge;
  readonly refusedConnections: Counter;
  readonly messages: Counter;
  readonly acknowledged: Counter;
  readonly unaccepted: Counter;
  readonly refusedMessages: Counter;
  readonly refusedSubscriptions: Counter;
  readonly inFlightBytes: Gauge;
  readonly clientErrors: Counter;
}

export function brokerMetrics(meter: Meter): BrokerMetrics {
  return {
    connections: meter.gauge(BROKER_METRICS.connections),
    refusedConnections: meter.counter(BROKER_METRICS.refusedConnections),
    messages: meter.counter(BROKER_METRICS.messages),
    acknowledged: meter.counter(BROKER_METRICS.acknowledged),
    unaccepted: meter.counter(BROKER_METRICS.unaccepted),
    refusedMessages: meter.counter(BROKER_METRICS.refusedMessages),
    refusedSubscriptions: meter.counter(BROKER_METRICS.refusedSubscriptions),
    inFlightBytes: meter.gauge(BROKER_METRICS.inFlightBytes),
    clientErrors: meter.counter(BROKER_METRICS.clientErrors),
  };
}
