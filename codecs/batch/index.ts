/**
 * The gateways' own binary column batch: what a gateway uplinks at once over MQTT (readings of many devices, sightings,
 * GPI events, gaps, and per reader the event time that is complete), and, without its readings, what the `trace` family
 * of the log keeps as kind `sightings`. Comes in: bytes or a batch; goes out: the other. Documented byte by byte in
 * docs/batch.md. Pure; it knows neither MQTT nor the log, and judges no value: what a reading may be is ingest's affair.
 */
export { BATCH_VERSION, type DecodedBatch, decodeBatch, encodeBatch } from './batch.ts';
export { batchIn, isSigned, isSignedBy, signBatch, signingKey } from './signature.ts';
