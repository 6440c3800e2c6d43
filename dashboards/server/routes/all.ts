import type { Mounted } from '../mount.ts';
import type { Services } from '../services.ts';
import { accessRoutes } from './access.ts';
import { alertVerdictRoutes } from './alert-verdicts.ts';
import { alertRoutes } from './alerts.ts';
import { auditRoutes } from './audit.ts';
import { auditReviewRoutes } from './audit-reviews.ts';
import { caseDecisionRoutes } from './case-decisions.ts';
import { caseRoutes } from './cases.ts';
import { channelRoutes } from './channels.ts';
import { damageRoutes } from './damages.ts';
import { decommissioningRoutes } from './decommissionings.ts';
import { deviceCalibrationRoutes } from './device-calibrations.ts';
import { deviceRoutes } from './devices.ts';
import { exceptionRoutes } from './exceptions.ts';
import { factorRoutes } from './factors.ts';
import { form3911Routes } from './form-3911.ts';
import { healthRoutes } from './health.ts';
import { holdRoutes } from './holds.ts';
import { journeyRoutes } from './journeys.ts';
import { laneRoutes } from './lanes.ts';
import { loggerFileRoutes } from './logger-files.ts';
import { marketRoutes } from './markets.ts';
import { openIdRoutes } from './open-id.ts';
import { organisationRoutes } from './organisation.ts';
import { originalRoutes } from './originals.ts';
import { ownNoticeRoutes } from './own-notices.ts';
import { pageSettingsRoutes } from './page-settings.ts';
import { partnerFileRoutes } from './partner-files.ts';
import { partnerRoutes } from './partners.ts';
import { passkeyRoutes } from './passkeys.ts';
import { placeRoutes } from './places.ts';
import { portalRoutes } from './portals.ts';
import { practiceRoutes } from './practice.ts';
import { productRoutes } from './products.ts';
import { profileRoutes } from './profiles.ts';
import { pushSubscriptionRoutes } from './push-subscriptions.ts';
import { quarantineRoutes } from './quarantine.ts';
import { readingRoutes } from './readings.ts';
import { recallRoutes } from './recall.ts';
import { webhookRoutes } from './reception.ts';
import { reconciliationRoutes } from './reconciliation.ts';
import { reportRoutes } from './reports.ts';
import { retentionRoutes } from './retention.ts';
import { returnRoutes } from './returns.ts';
import { roleRoutes } from './roles.ts';
import { routingRoutes } from './routing.ts';
import { ruleRoutes } from './rules.ts';
import { savedViewRoutes } from './saved-views.ts';
import { screenRoutes } from './screens.ts';
import { searchRoutes } from './search.ts';
import { serialRoutes } from './serials.ts';
import { sessionRoutes } from './session.ts';
import { setUpRoutes } from './setup.ts';
import { shareRoutes } from './shares.ts';
import { shipmentBoardRoutes } from './shipment-boards.ts';
import { shipmentSerialRoutes } from './shipment-serials.ts';
import { shipmentRoutes } from './shipments.ts';
import { silenceRoutes } from './silences.ts';
import { smsRoutes } from './sms.ts';
import { statisticsRoutes } from './statistics.ts';
import { systemRoutes } from './systems.ts';
import { traceRequestRoutes } from './trace-requests.ts';
import { transactionRoutes } from './transactions.ts';
import { verificationMessageRoutes } from './verification-messages.ts';

/** Everything under /api/v1. EPCIS has a base of its own. */
export function apiRoutes(services: Services): readonly Mounted[] {
  return [
    ...sessionRoutes(services),
    ...practiceRoutes(services),
    ...setUpRoutes(services),
    ...organisationRoutes(services),
    ...channelRoutes(services),
    ...caseDecisionRoutes(services),
    ...form3911Routes(services),
    ...traceRequestRoutes(services),
    ...silenceRoutes(services),
    ...statisticsRoutes(services),
    ...laneRoutes(services),
    ...factorRoutes(services),
    ...passkeyRoutes(services),
    ...ownNoticeRoutes(services),
    ...pageSettingsRoutes(services),
    ...savedViewRoutes(services),
    ...pushSubscriptionRoutes(services),
    ...openIdRoutes(services),
    ...accessRoutes(services),
    ...screenRoutes(services),
    ...roleRoutes(services),
    ...shipmentRoutes(services),
    ...shareRoutes(services),
    ...shipmentBoardRoutes(services),
    ...shipmentSerialRoutes(services),
    ...journeyRoutes(services),
    ...reportRoutes(services),
    ...reconciliationRoutes(services),
    ...damageRoutes(services),
    ...recallRoutes(services),
    ...verificationMessageRoutes(services),
    ...returnRoutes(services),
    ...productRoutes(services),
    ...profileRoutes(),
    ...marketRoutes(services),
    ...decommissioningRoutes(services),
    ...serialRoutes(services),
    ...searchRoutes(services),
    ...deviceRoutes(services),
    ...deviceCalibrationRoutes(services),
    ...readingRoutes(services),
    // Before those of dialects, whose path would take it.
    ...smsRoutes(services),
    ...webhookRoutes(services),
    ...loggerFileRoutes(services),
    ...originalRoutes(services),
    ...holdRoutes(services),
    ...retentionRoutes(services),
    ...healthRoutes(services),
    ...transactionRoutes(services),
    ...exceptionRoutes(services),
    ...partnerFileRoutes(services),
    ...partnerRoutes(services),
    ...systemRoutes(services),
    ...placeRoutes(services),
    ...portalRoutes(services),
    ...alertRoutes(services),
    ...alertVerdictRoutes(services),
    ...caseRoutes(services),
    ...auditRoutes(services),
    ...auditReviewRoutes(services),
    ...routingRoutes(services),
    ...ruleRoutes(services),
    ...quarantineRoutes(services),
  ];
}
