/**
 * What is stated of a subject from an instant on (packed into, attached to, present at), and the intervals that follow:
 * who was in what, when. A later instant ends the earlier; at the same instant the later record of the log wins.
 * Subjects with the same history share one set of rows. Knows intervals and nothing of what they are about.
 */
export { ancestorsAt, contentsAt, DEEPEST } from './containment.ts';
export { applyStatements, bySubject, type HistoryChanged, type SubjectChanged } from './shared-histories.ts';
export type { Changed, Holding, Statement } from './timeline.ts';
