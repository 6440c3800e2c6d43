/**
 * What was said of a subject from an instant on (packed into, attached to, present at), and the intervals that follow:
 * who was in what, when. A later instant ends the earlier; at the same instant the later record of the log wins.
 * Subjects that share their whole history share one set of rows. Knows intervals and nothing of what they are about.
 */
export { ancestorsAt, contentsAt, DEEPEST } from './containment.ts';
export { bySubject, type PathChanged, type SubjectChanged, say } from './statements.ts';
export type { Changed, Holding, Statement } from './timeline.ts';
