/**
 * Alerts are what people act on. Findings come in (marked in their table by whoever wrote them), with the exposure of
 * serials and the history of readings through ports; out come alerts that explain themselves, keep their identity
 * through re-evaluation, list every affected serial, carry what people did about them, and whose messages go to the configured
 * channels until delivered. The room must never know how a rule decides, how exposure is computed, who is signed in,
 * or anything of HTTP servers and sockets.
 */
export {
  ALERT_GROUPINGS,
  type AlertGroup,
  type AlertGroups,
  type AlertQuery,
  type GroupedAlerts,
} from './alert-query.ts';
export {
  type ActionNote,
  type AlertBreadth,
  AlertService,
  type AlertServiceDependencies,
  alertRecord,
  type Page,
  type UndecidedAlerts,
} from './alert-service.ts';
export { AlertWorker, type AlertWorkerDependencies } from './alert-worker.ts';
export {
  type ChannelChange,
  type ChannelRecord,
  type ChannelSettings,
  Channels,
  type ChannelsOptions,
} from './channels.ts';
export {
  ADDRESS_FORMS,
  type AlertsConfig,
  type Channel,
  type ChannelKind,
  channelSchema,
  channelsSchema,
  type Route,
  routeSchema,
  simplePlan,
  type WebhookChannel,
} from './config.ts';
export { httpPost } from './delivery/http-post.ts';
export { Notifier, type NotifierDependencies } from './delivery/notifier.ts';
export {
  giveMessageUp,
  messageAgain,
  type OutboxState,
  outboxState,
  type UndeliveredMessage,
  undeliveredMessages,
} from './delivery/outbox.ts';
export { RecipientBook } from './delivery/recipients.ts';
export { RETRY_SCHEDULE, type RetrySchedule, waitBeforeRetry } from './delivery/retry.ts';
export { type Investigations, investigations } from './investigations.ts';
export { type AcknowledgeGrant, AcknowledgeLinks, LINK_LASTS_MS } from './message/acknowledge-link.ts';
export { AcknowledgePins } from './message/acknowledge-pins.ts';
export { escaped as escapedHtml } from './message/mail.ts';
export type { Message, MessageLinks } from './message/message.ts';
export { BrowserPush } from './push/browser-push.ts';
export { type PushRecord, PushSubscriptions } from './push/push-subscriptions.ts';
export { ALERT_CHANNEL } from './reconcile.ts';
export { AlertRouting } from './routing/alert-routing.ts';
export { MentionNotices } from './routing/mention-notices.ts';
export { type KeptNotice, type NoticeAbout, noticesOfAlert } from './routing/notice-store.ts';
export type { Notice } from './routing/notices.ts';
export { personalPlan } from './routing/personal-plan.ts';
export {
  type PersonalAddress,
  type PersonalSettings,
  PersonalSettingsBook,
} from './routing/personal-settings.ts';
export { channelsOfPlan } from './routing/plan-channels.ts';
export type { RuleLabels } from './routing/routed-alert.ts';
export type { RoutedAlert, RouteMatch, RoutingPlan } from './routing/routing.ts';
export { changeRouting, type RoutingChange } from './routing/routing-change.ts';
export { isZone, parseRouting, windowsFault } from './routing/routing-file.ts';
export {
  RoutingInForce,
  type RoutingInForceOptions,
  type RoutingSource,
  routingFound,
} from './routing/routing-in-force.ts';
export { type RoutingVersion, RoutingVersions } from './routing/routing-versions.ts';
export { type Shift, shiftsOf } from './routing/shifts.ts';
export { type WrittenRouting, writtenRouting } from './routing/written-routing.ts';
export { ruleTexts, type SeveritySteps, type SummaryTemplate, severitySteps } from './rule-texts.ts';
export {
  type AlertStatistic,
  alertStatistics,
  type RuleProposal,
  ruleProposals,
} from './statistics/alert-statistics.ts';
export { type JourneyExcursion, journeyExcursions } from './statistics/lane-excursions.ts';
export { type Lane, type LaneLeg, lanes } from './statistics/lanes.ts';
export { LEAST_TRIES, type Proportion, proportion, wilson } from './statistics/proportion.ts';
export type { Muted } from './storm/inhibition.ts';
export { type Silence, Silences } from './storm/silences.ts';
export { VerdictEnds } from './verdict-ends.ts';
export { type AlertView, alertView, type SerialView, serialView } from './view.ts';
