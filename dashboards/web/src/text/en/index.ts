
  ...admin,
  ...alert,
  ...announce,
  ...board,
  ...calibration,
  ...caseTexts,
  ...chart,
  ...decommission,
  ...device,
  ...frame,
  ...hint,
  ...inbox,
  ...journey,
  ...lane,
  ...market,
  ...partner,
  ...parts,
  ...portal,
  ...practice,
  ...readOut,
  ...recall,
  ...records,
  ...returned,
  ...review,
  ...routing,
  ...rule,
  ...ruleForm,
  ...serial,
  ...serialList,
  ...settings,
  ...setup,
  ...share,
  ...shipment,
  ...signIn,
  ...suspect,
  ...system,
  ...usual,
  ...verify,
  ...words,
/** Every text of the page in English, by key: the screen, then what it is. Other languages have these keys and no other. */
export const en = {
export const en = { ...near, ...far } as const;
import { admin } from './admin.ts';
import { alert } from './alert.ts';
import { announce } from './announce.ts';
import { board } from './board.ts';
import { calibration } from './calibration.ts';
import { caseTexts } from './case.ts';
import { chart } from './chart.ts';
import { decommission } from './decommission.ts';
import { device } from './device.ts';
import { far } from './far.ts';
import { frame } from './frame.ts';
import { hint } from './hint.ts';
import { inbox } from './inbox.ts';
import { journey } from './journey.ts';
import { lane } from './lane.ts';
import { market } from './market.ts';
import { near } from './near.ts';
import { partner } from './partner.ts';
import { parts } from './parts.ts';
import { portal } from './portal.ts';
import { practice } from './practice.ts';
import { readOut } from './read-out.ts';
import { recall } from './recall.ts';
import { records } from './records.ts';
import { returned } from './return.ts';
import { review } from './review.ts';
import { routing } from './routing.ts';
import { rule } from './rule.ts';
import { ruleForm } from './rule-form.ts';
import { serial } from './serial.ts';
import { serialList } from './serial-list.ts';
import { settings } from './settings.ts';
import { setup } from './setup.ts';
import { share } from './share.ts';
import { shipment } from './shipment.ts';
import { signIn } from './sign-in.ts';
import { suspect } from './suspect.ts';
import { system } from './system.ts';
import { usual } from './usual.ts';
import { verify } from './verify.ts';
import { words } from './words.ts';
} as const;
