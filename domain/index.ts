/**
 * The words of the house: what a reading, a sighting, a shipment, a finding is; the time source; and the ports through
 * which rooms meet (`Log`, `History`, `FindingStore`, `Exposure`, `ExcursionEvents`). Pure: nothing here reads a file, a socket or a
 * clock other than through the TimeSource it is handed, and it knows no other room.
 */
export * from './alert.ts';
export * from './audit.ts';
export * from './audit-risk.ts';
export * from './calendar.ts';
export * from './calibration.ts';
export * from './consumer-state.ts';
export * from './credential.ts';
export * from './csv.ts';
export * from './decision.ts';
export * from './device-vitals.ts';
export * from './downlink.ts';
export * from './duration.ts';
export * from './errors.ts';
export * from './excursion.ts';
export * from './explanation.ts';
export * from './exposure.ts';
export * from './fact.ts';
export * from './fact-entry.ts';
export * from './finding.ts';
export * from './gap.ts';
export * from './history.ts';
export * from './interval.ts';
export * from './key.ts';
export * from './known-rules.ts';
export * from './log.ts';
export * from './log-home.ts';
export * from './log-lines.ts';
export * from './logger.ts';
export * from './logger-file.ts';
export * from './meter.ts';
export * from './metric.ts';
export * from './mkt.ts';
export * from './network.ts';
export * from './original.ts';
export * from './outgoing.ts';
export * from './ownership.ts';
export * from './pass.ts';
export * from './permission.ts';
export * from './place.ts';
export * from './quality.ts';
export * from './reading.ts';
export * from './retention.ts';
export * from './rule.ts';
export * from './shipment.ts';
export * from './sighting.ts';
export * from './stuck.ts';
export * from './text.ts';
export * from './texts/index.ts';
export * from './time.ts';
export * from './topics.ts';
export * from './troubles.ts';
export * from './webhook-secret.ts';
export * from './yaml-file.ts';
