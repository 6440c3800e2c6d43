import { alert } from './alert.ts';
import { qualityCase } from './case.ts';
import { disposition } from './disposition.ts';
import { doorLight } from './door-light.ts';
import { explanation } from './explanation.ts';
import { found } from './found.ts';
import { goodsReason } from './goods-reason.ts';
import { help } from './help.ts';
import { message } from './message.ts';
import { pass } from './pass.ts';
import { passRule } from './pass-rule.ts';
import { problem } from './problem.ts';
import { report } from './report.ts';
import { returned } from './return.ts';
import { rule } from './rule.ts';
import { validation } from './validation.ts';
import { verdictReason } from './verdict-reason.ts';

/**
 * Every text that the server makes for people, in English, by key: what it is about, then what it says. The page has its
 * own catalogue (dashboards/web/src/text). Details of errors are not here: a program reads their code and details, an
 * operator their English (docs/errors.md).
 */
export const en = {
  ...alert,
  ...qualityCase,
  ...disposition,
  ...doorLight,
  ...explanation,
  ...found,
  ...goodsReason,
  ...help,
  ...message,
  ...pass,
  ...passRule,
  ...problem,
  ...report,
  ...returned,
  ...rule,
  ...validation,
  ...verdictReason,
} as const;
