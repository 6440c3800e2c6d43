import type { Meter } from '../../domain/index.ts';

/** What is counted of messages to subscribers. Which subscription gets on how is in its own answer: ids make no labels. */
export function epcisDeliveryMetrics(meter: Meter) {
  return {
    attempts: meter.counter({
      name: 'isotherm_trace_epcis_delivery_attempts',
      help: 'Attempts to deliver a message to a subscriber of EPCIS events, by outcome (taken, failed)',
      labels: ['outcome'],
    }),
    seconds: meter.histogram({
      name: 'isotherm_trace_epcis_delivery_seconds',
      help: 'Time an attempt to deliver a message to a subscriber took, seconds',
      buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    }),
    events: meter.counter({
      name: 'isotherm_trace_epcis_delivered_events',
      help: 'EPCIS events that subscribers have taken',
    }),
    ended: meter.counter({
      name: 'isotherm_trace_epcis_subscriptions_ended',
      help: 'Subscriptions that ended without being removed: given up, 410, or whose maker may no longer',
    }),
  };
}

export type EpcisDeliveryMetrics = ReturnType<typeof epcisDeliveryMetrics>;
