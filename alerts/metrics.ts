import type { Meter } from '../domain/index.ts';

/**
 * From half of what a quiet installation needs to a logger that was out of reach for a day; bounds that people promise each other
 * (a minute, five, an hour) are bounds here, so that a share below them is exact.
 */
const EVENT_TO_ALERT_S = [0.1, 0.25, 0.5, 1, 2.5, 5, 15, 30, 60, 300, 900, 3_600, 4 * 3_600, 24 * 3_600];
/** From a webhook on this machine to the three days after which a message is given up. */
const ALERT_TO_DELIVERY_S = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 30, 60, 300, 900, 3_600, 24 * 3_600, 72 * 3_600];

/** Every metric of the room. */
export function alertMetrics(meter: Meter) {
  return {
    /** By whether late data showed it: those say how late data comes, the others how late Isotherm is. */
    eventToAlert: meter.histogram({
      name: 'isotherm_alerts_event_to_alert_seconds',
      help: 'Time from the reading or moment that made an alert known, in event time, to the alert being committed, by late (true: late data showed it), seconds',
      labels: ['late'],
      buckets: EVENT_TO_ALERT_S,
    }),
    /** Alerts by what became of them: opened, changed, retracted, unchanged. */
    settled: meter.counter({
      name: 'isotherm_alerts_settled',
      help: 'Alerts looked at after a change, by outcome (opened, changed, retracted, unchanged)',
      labels: ['outcome'],
    }),
    failures: meter.counter({
      name: 'isotherm_alerts_settle_failures',
      help: 'Groups of findings whose alerts could not be settled and are tried again',
    }),
    settleSeconds: meter.histogram({
      name: 'isotherm_alerts_settle_seconds',
      help: 'Time from taking up a group of findings to its alerts being committed, seconds',
      buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5],
    }),
    waiting: meter.gauge({
      name: 'isotherm_alerts_groups_waiting',
      help: 'Groups of findings that wait for the alert worker when it last looked (at most 256 are counted)',
    }),
  };
}

export type AlertMetrics = ReturnType<typeof alertMetrics>;

export function deliveryMetrics(meter: Meter) {
  return {
    attempts: meter.counter({
      name: 'isotherm_alerts_delivery_attempts',
      help: 'Attempts to deliver a message, by channel and outcome (delivered, failed, dead)',
      labels: ['channel', 'outcome'],
    }),
    seconds: meter.histogram({
      name: 'isotherm_alerts_delivery_seconds',
      help: 'Time an attempt to deliver took, seconds',
      labels: ['channel'],
      buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    }),
    alertToDelivery: meter.histogram({
      name: 'isotherm_alerts_alert_to_delivery_seconds',
      help: 'Time from what a message tells of to its receiver having taken it, retries included, by channel, seconds',
      labels: ['channel'],
      buckets: ALERT_TO_DELIVERY_S,
    }),
    pending: meter.gauge({
      name: 'isotherm_alerts_messages_pending',
      help: 'Messages in the outbox that are not delivered yet, by channel',
      labels: ['channel'],
    }),
    oldest: meter.gauge({
      name: 'isotherm_alerts_messages_oldest_seconds',
      help: 'Age of the oldest message that is not delivered yet, by channel, seconds',
      labels: ['channel'],
    }),
    dead: meter.gauge({
      name: 'isotherm_alerts_messages_dead',
      help: 'Messages given up after three days (dead letters), by channel',
      labels: ['channel'],
    }),
    jobErrors: meter.counter({
      name: 'isotherm_alerts_job_errors',
      help: 'Errors of the job queue itself; the sweeper makes good what they lost',
    }),
  };
}

export type DeliveryMetrics = ReturnType<typeof deliveryMetrics>;
