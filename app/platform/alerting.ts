import {
  AcknowledgeLinks,
  AcknowledgePins,
  type AlertRouting,
  AlertWorker,
  Notifier,
  ruleTexts,
  severitySteps,
  VerdictEnds,
} from '../../alerts/index.ts';
import { KnownRules } from '../../domain/index.ts';
import { ExcursionCases, Steps } from '../../quality/index.ts';
import { Explainer } from '../../rules/index.ts';
import { PostgresDeviceFacts } from '../../storage/index.ts';
import { EpcisExcursions, ExposureGroups, TraceExposure } from '../../trace/index.ts';
import { readingsUrl } from '../addresses.ts';
import { caseTargetsOf, webhookSecretsOf } from '../config/index.ts';
import { GoodsAtStake } from '../goods-at-stake.ts';
import type { Storage } from './storage.ts';
import { type Surroundings, tools } from './surroundings.ts';

export interface AlertingOptions {
  readonly storage: Storage;
  readonly routing: AlertRouting;
  /** Where people reach the page; asked for when it is needed, the port is known late. */
  readonly publicUrl: () => string;
}

/** Findings find their serials and their people, and partners hear of excursions. */
export async function startAlerting(surroundings: Surroundings, options: AlertingOptions): Promise<void> {
  const { config, parts, lifetime, troubles } = surroundings;
  const { storage, routing, publicUrl } = options;
  const { access, audit, database, facts, history } = storage;
  if (!parts.has('alerts')) return;
  const rules = new KnownRules(facts);
  const worker = new AlertWorker({
    ...tools(surroundings, 'alerts'),
    ...{ audit, database, history, routing, troubles },
    exposure: new TraceExposure({ database, history }),
    ...{ summaryTemplate: ruleTexts(rules), severitySteps: severitySteps(rules) },
    stakes: new GoodsAtStake({
      ...{ database, exposure: new ExposureGroups({ database, history }) },
      steps: new Steps({ audit, database, time: surroundings.time }),
    }),
    explainer: new Explainer({ history, rules, devices: new PostgresDeviceFacts({ client: database.pool }) }),
    cases: new ExcursionCases(caseTargetsOf(config), new VerdictEnds({ audit, routing })),
    excursions: new EpcisExcursions({
      readingsUrl: (device, metric, from, to) => readingsUrl(publicUrl(), device, metric, from, to),
    }),
  });
  await worker.start();
  lifetime.started(() => worker.stop());
  const acknowledging = new AcknowledgeLinks(storage.key);
  // Without somebody who brings answers a PIN would be an empty promise.
  const secrets = webhookSecretsOf(config);
  const takesAnswers = ['sms', 'twilio', 'vonage'].some((name) => secrets.has(name));
  const notifier = new Notifier({
    ...(takesAnswers && { pins: new AcknowledgePins({ database, key: storage.key, time: surroundings.time }) }),
    ...tools(surroundings, 'alerts'),
    ...{ database, troubles, recipients: storage.recipients.of, push: storage.push },
    databaseUrl: access.url,
    redisUrl: config.redis.url,
    channels: config.alerts.channels,
    ...{ kept: storage.channels, outgoing: surroundings.outgoing },
    links: (channel) => acknowledging.of(publicUrl().replace(/\/+$/, ''), channel, surroundings.time.now()),
  });
  await notifier.start();
  lifetime.started(() => notifier.stop());
}
