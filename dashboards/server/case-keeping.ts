import type { AlertEnds, AuditTrail, Facts, History, Log, Logger, TimeSource } from '../../domain/index.ts';
import {
  AlertVerdicts,
  type CaseTargets,
  Decisions,
  EvidenceWatch,
  ExcursionCases,
  Steps,
  Suspicions,
} from '../../quality/index.ts';
import type { Database } from '../../storage/index.ts';
import { CaseAssessor } from './case-assessor.ts';
import { DecisionActs } from './decision-acts.ts';
import { Directory } from './directory.ts';
import { FactCommands } from './fact-commands.ts';

export interface CaseKeepingSources {
  /** Ends alerts by what is signed of them. Default: they stand whatever is said. */
  readonly alertEnds?: AlertEnds;
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly facts: Facts;
  readonly history: History;
  readonly log: Log;
  readonly logger: Logger;
  readonly time: TimeSource;
  /** Whether the tracer has applied everything up to this position of `trace`, within the time. */
  readonly tracerPassed: (position: number, timeoutMs: number) => Promise<boolean>;
  /** By when cases are to be decided. Default: within 24 h. */
  readonly caseTargets?: CaseTargets;
  /** Default: its own. */
  readonly factCommands?: FactCommands;
}

/** What cases come to, what is decided and said of them under signature, and what follows from it. */
export interface CaseKeeping {
  readonly alertVerdicts: AlertVerdicts;
  readonly caseAssessor: CaseAssessor;
  readonly decisionActs: DecisionActs;
  readonly decisions: Decisions;
  readonly steps: Steps;
  /** The clock's: one process looks, and not by being asked. */
  readonly evidenceWatch: EvidenceWatch;
}

export const USUAL_TARGETS: CaseTargets = { targetMs: 86_400_000 };

/** The same for who serves people and for who keeps cases behind them, which may be another process. */
export function caseKeeping(sources: CaseKeepingSources): CaseKeeping {
  const { database, time, logger } = sources;
  const factCommands =
    sources.factCommands ?? new FactCommands({ ...sources, directory: new Directory({ facts: sources.facts, time }) });
  const steps = new Steps(sources);
  const caseAssessor = new CaseAssessor({ ...sources, steps });
  const decisions = new Decisions({ ...sources, assessor: caseAssessor });
  const cases = new ExcursionCases(sources.caseTargets ?? USUAL_TARGETS);
  return {
    ...{ caseAssessor, decisions, steps },
    alertVerdicts: new AlertVerdicts({ ...sources, cases, steps }),
    decisionActs: new DecisionActs({
      database,
      decisions,
      steps,
      suspicions: new Suspicions({ database, time }),
      factCommands,
      logger,
    }),
    evidenceWatch: new EvidenceWatch({
      database,
      time,
      logger,
      assessor: caseAssessor,
      targets: sources.caseTargets ?? USUAL_TARGETS,
    }),
  };
}
