/**
 * What the server answers and the page asks: every shape that crosses HTTP or the socket, as zod schemas, and the
 * OpenAPI document made from them. In: nothing. Out: schemas and their types. Pure: it knows neither Express nor
 * React nor the database.
 */
export * from './access.ts';
export * from './alert.ts';
export * from './audit.ts';
export * from './audit-review.ts';
export * from './case.ts';
export * from './case-decision.ts';
export * from './case-handling.ts';
export * from './channel.ts';
export * from './condition.ts';
export * from './device.ts';
export * from './device-calibration.ts';
export * from './epcis.ts';
export * from './factor.ts';
export * from './form-3911.ts';
export * from './health.ts';
export * from './hold.ts';
export * from './judge.ts';
export * from './live.ts';
export * from './logger-file.ts';
export * from './open-id.ts';
export * from './openapi.ts';
export * from './operation.ts';
export * from './operations.ts';
export * from './organisation.ts';
export * from './original.ts';
export * from './passkey.ts';
export * from './place.ts';
export * from './portal.ts';
export * from './problem.ts';
export * from './product.ts';
export * from './profile.ts';
export * from './push-subscription.ts';
export * from './quarantine.ts';
export * from './reading.ts';
export * from './recall.ts';
export * from './reception.ts';
export * from './reconciliation.ts';
export * from './report.ts';
export * from './retention.ts';
export * from './role.ts';
export * from './routing.ts';
export * from './rule.ts';
export * from './schema.ts';
export * from './search.ts';
export * from './serial.ts';
export * from './session.ts';
export * from './setup.ts';
export * from './shipment.ts';
export * from './silence.ts';
export * from './sms.ts';
export * from './statistics.ts';
export * from './time.ts';
export * from './trace-request.ts';
