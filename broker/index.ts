/**
 * The MQTT front door: listeners (TCP, TLS, WebSocket), who may connect, who may publish and subscribe where, and
 * PUBACK only after whoever takes the message has said that it is durable. In come connections and messages; out go
 * `InboundMessage`s to the `accept` it was handed, in the order each client sent them, and commands down to gateways.
 * It must never know what a payload means, and it keeps nothing: what is not accepted is the client's to send again.
 */
export { Broker, type BrokerOptions, type BrokerPorts, MQTT_SUBPROTOCOL } from './broker.ts';
export { ExternalBroker, type ExternalBrokerOptions, type SessionClaim, type Sessions } from './external-broker.ts';
export type { ExternalAddress } from './external-session.ts';
export { EXTERNAL_FILTERS } from './external-topics.ts';
export type { BrokerLimits } from './limits.ts';
export type {
  Accept,
  Authenticate,
  Certified,
  EarlierArrival,
  InboundMessage,
  Principal,
  RefusedTopic,
} from './message.ts';
export { BROKER_METRICS } from './metrics.ts';
