import { credentialOperations, ownAccessOperations, tokenOperations, userOperations } from './access.ts';
import { alertOperations } from './alert.ts';
import { alertVerdictOperations } from './alert-verdict.ts';
import { assistantOperations } from './assistant.ts';
import { auditOperations } from './audit.ts';
import { auditReviewOperations } from './audit-review.ts';
import { caseDecisionOperations } from './case-decision.ts';
import { caseOperations } from './case-handling.ts';
import { channelOperations } from './channel.ts';
import { damageOperations } from './damage.ts';
import { decommissioningOperations } from './decommissioning.ts';
import { deviceOperations } from './device.ts';
import { calibrationOperations } from './device-calibration.ts';
import {
  epcisOperations,
  epcisQueryOperations,
  epcisResources,
  epcisXmlOperations,
  eventCollections,
} from './epcis.ts';
import { exceptionOperations } from './exception.ts';
import { factorOperations } from './factor.ts';
import { form3911Operations } from './form-3911.ts';
import { healthOperations } from './health.ts';
import { holdOperations } from './hold.ts';
import { journeyOperations } from './journey.ts';
import { laneOperations } from './lane.ts';
import { loggerFileOperations } from './logger-file.ts';
import { marketOperations } from './market.ts';
import { openIdOperations } from './open-id.ts';
import type { Operation, Operations } from './operation.ts';
import { organisationOperations } from './organisation.ts';
import { originalOperations } from './original.ts';
import { ownNoticeOperations } from './own-notice.ts';
import { pageSettingsOperations } from './page-settings.ts';
import { partnerOperations } from './partner.ts';
import { partnerFileOperations } from './partner-file.ts';
import { passkeyOperations } from './passkey.ts';
import { placeOperations } from './place.ts';
import { portalOperations } from './portal.ts';
import { practiceOperations } from './practice.ts';
import { productOperations } from './product.ts';
import { profileOperations } from './profile.ts';
import { pushSubscriptionOperations } from './push-subscription.ts';
import { quarantineOperations } from './quarantine.ts';
import { readingOperations } from './reading.ts';
import { recallOperations } from './recall.ts';
import { receptionOperations } from './reception.ts';
import { reconciliationOperations } from './reconciliation.ts';
import { reportOperations } from './report.ts';
import { retentionOperations } from './retention.ts';
import { returnOperations } from './return.ts';
import { roleOperations } from './role.ts';
import { routingOperations } from './routing.ts';
import { ruleOperations } from './rule.ts';
import { savedViewOperations } from './saved-view.ts';
import { screenOperations } from './screen.ts';
import { searchOperations } from './search.ts';
import { serialOperations } from './serial.ts';
import { sessionOperations } from './session.ts';
import { setUpOperations } from './setup.ts';
import { shareOperations } from './share.ts';
import { shipmentOperations } from './shipment.ts';
import { shipmentBoardOperations } from './shipment-board.ts';
import { shipmentSerialOperations } from './shipment-serial.ts';
import { silenceOperations } from './silence.ts';
import { smsOperations } from './sms.ts';
import { statisticsOperations } from './statistics.ts';
import { systemOperations } from './system.ts';
import { traceRequestOperations } from './trace-request.ts';
import { transactionOperations } from './transaction.ts';
import { verificationMessageOperations } from './verification-message.ts';

const SUBJECTS: readonly Operations[] = [
  assistantOperations,
  sessionOperations,
  practiceOperations,
  setUpOperations,
  organisationOperations,
  channelOperations,
  caseDecisionOperations,
  caseOperations,
  form3911Operations,
  traceRequestOperations,
  ownAccessOperations,
  factorOperations,
  passkeyOperations,
  ownNoticeOperations,
  pageSettingsOperations,
  savedViewOperations,
  pushSubscriptionOperations,
  openIdOperations,
  userOperations,
  roleOperations,
  tokenOperations,
  screenOperations,
  credentialOperations,
  shipmentOperations,
  shareOperations,
  shipmentBoardOperations,
  shipmentSerialOperations,
  journeyOperations,
  silenceOperations,
  statisticsOperations,
  laneOperations,
  reportOperations,
  reconciliationOperations,
  damageOperations,
  productOperations,
  profileOperations,
  marketOperations,
  serialOperations,
  searchOperations,
  recallOperations,
  verificationMessageOperations,
  returnOperations,
  decommissioningOperations,
  deviceOperations,
  calibrationOperations,
  readingOperations,
  smsOperations,
  receptionOperations,
  loggerFileOperations,
  originalOperations,
  holdOperations,
  retentionOperations,
  healthOperations,
  transactionOperations,
  exceptionOperations,
  partnerFileOperations,
  partnerOperations,
  systemOperations,
  placeOperations,
  portalOperations,
  routingOperations,
  ruleOperations,
  quarantineOperations,
  alertOperations,
  alertVerdictOperations,
  auditOperations,
  auditReviewOperations,
  epcisOperations,
  epcisResources,
  eventCollections,
  epcisQueryOperations,
  epcisXmlOperations,
];

/** Everything one may ask, in the order of the OpenAPI document. A test holds that each of them is mounted. */
export const OPERATIONS: readonly Operation[] = SUBJECTS.flatMap((subject) => Object.values(subject));
