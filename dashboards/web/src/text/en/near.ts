import { alert } from './alert.ts';
import { announce } from './announce.ts';
import { board } from './board.ts';
import { calibration } from './calibration.ts';
import { caseTexts } from './case.ts';
import { chart } from './chart.ts';
import { device } from './device.ts';
import { frame } from './frame.ts';
import { hint } from './hint.ts';
import { inbox } from './inbox.ts';
import { journey } from './journey.ts';
import { lane } from './lane.ts';
import { menu } from './menu.ts';
import { parts } from './parts.ts';
import { portal } from './portal.ts';
import { practice } from './practice.ts';
import { readOut } from './read-out.ts';
import { recall } from './recall.ts';
import { returned } from './return.ts';
import { rule } from './rule.ts';
import { ruleForm } from './rule-form.ts';
import { serial } from './serial.ts';
import { serialList } from './serial-list.ts';
import { share } from './share.ts';
import { shipment } from './shipment.ts';
import { signIn } from './sign-in.ts';
import { suspect } from './suspect.ts';
import { usual } from './usual.ts';
import { verify } from './verify.ts';
import { words } from './words.ts';

/** English texts of the screens that everybody has, and of the frame around them: they come with the first load. */
export const near = {
  ...alert,
  ...announce,
  ...board,
  ...calibration,
  ...caseTexts,
  ...chart,
  ...device,
  ...frame,
  ...hint,
  ...inbox,
  ...journey,
  ...lane,
  ...menu,
  ...parts,
  ...portal,
  ...practice,
  ...readOut,
  ...recall,
  ...returned,
  ...rule,
  ...ruleForm,
  ...serial,
  ...serialList,
  ...share,
  ...shipment,
  ...signIn,
  ...suspect,
  ...usual,
  ...verify,
  ...words,
} as const;
