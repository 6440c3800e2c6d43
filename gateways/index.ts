/**
 * The edge: sessions with LLRP readers, the spool on disk, the uplink over MQTT, the stack light. In: a configuration,
 * readers on the network, commands; out: gateway batches (sightings, inputs, gaps, completeness) and a status. It must
 * never know shipments, rules or the database: what a read means is the platform's affair.
 */
export { type GatewayConfig, gatewayConfigSchema, parseGatewayConfig, type ReaderProfile } from './config.ts';
export { type Diagnosis as ReaderDiagnosis, diagnoseReader } from './doctor.ts';
export { Gateway, type GatewayOptions, type GatewayStatus } from './gateway.ts';
export { diagnoseManifest, type ManifestStatus } from './manifest-store.ts';
export type { ReaderStatus, SessionState } from './session.ts';
export { SightingBuilder, type SightingRules } from './sighting-builder.ts';
export { diagnoseSpool } from './spool-check.ts';
export { COLOURS, type Colour, type GatewayCommand, gatewayCommandSchema } from './stack-light.ts';
