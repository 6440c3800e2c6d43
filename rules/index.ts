/**
 * Rules over readings: what a rule means, how it is written, and the engine that judges by it. In come rule files,
 * readings as columns, what is known of devices, and ticks; out go findings as changes, in event time, right on late
 * data. It must never know SQL, a clock or a person: time comes in with data and ticks, history and findings through
 * ports, and what a finding means to someone is for alerts/.
 */

export { formatDuration, parseDuration } from '../domain/index.ts';
export { type AppliesTo, compileAppliesTo } from './applies-to.ts';
export { type Backtest, backtest, type FindingLine, lineOf } from './backtest/backtest.ts';
export { type Comparison, compared } from './backtest/comparison.ts';
export { parseContext } from './backtest/context-file.ts';
export {
  type BacktestOutcome,
  type BesideStep,
  backtestHistory,
  type HistoryBacktest,
  type HistoryBacktestStep,
} from './backtest/history-backtest.ts';
export type { ReadingRow } from './backtest/readings-csv.ts';
export { BUILTIN_RULES } from './builtin.ts';
export {
  type BacktestCommand,
  type LinesFile,
  type RuleTestOutcome,
  rulesBacktestCommand,
  rulesCheckCommand,
  rulesTestCommand,
  type TextFile,
} from './commands.ts';
export { Engine } from './engine/engine.ts';
export { excusedSpans } from './engine/excuse.ts';
export { compareFindings } from './engine/published.ts';
export { BOUNDED_TAIL, type TailSize, WHOLE_TAIL } from './engine/series.ts';
export { hasReached } from './evaluator/clock.ts';
export { Contexts } from './evaluator/contexts.ts';
export { Evaluator, type EvaluatorParts } from './evaluator/evaluator.ts';
export { memoryOf } from './evaluator/memory.ts';
export { dividedAnew, EVALUATOR, sharesOf } from './evaluator/shares.ts';
export { Explainer } from './explanation/explainer.ts';
export { formatInstant, parseInstant } from './file/instant.ts';
export { type RuleField, type RuleKindFields, ruleKindFields } from './file/rule-fields.ts';
export { parseRules, type RuleFile, type RuleFileEntry } from './file/rule-file.ts';
export { GoodsEvaluator, type GoodsEvaluatorParts } from './goods/goods-evaluator.ts';
export { GoodsRules, type ShipmentJudgement } from './goods/judge-shipment.ts';
export { type OneRule, parseRule, writeRule } from './one-rule.ts';
export { type Preview, type PreviewParts, previewRule } from './preview.ts';
export { Rulebook } from './rulebook.ts';
