import type { AuditTrail, Effects, TimeSource } from '../../domain/index.ts';
import {
  AnsweredVerifications,
  type NewAnswered,
  type PackStates,
  type Partners,
  Requesters,
  VerificationResponder,
} from '../../partners/index.ts';
import type { Database, OrganisationStore } from '../../storage/index.ts';
import type { TraceQueries } from '../../trace/index.ts';

export interface VerificationDeskOptions {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly organisation: OrganisationStore;
  readonly partners: Partners;
  readonly time: TimeSource;
  readonly trace: TraceQueries;
}

/** What other companies ask of our packs, and what they were told. */
export class VerificationDesk {
  readonly answered: AnsweredVerifications;
  readonly requesters: Requesters;
  readonly responder: VerificationResponder;

  constructor({ audit, database, organisation, partners, time, trace }: VerificationDeskOptions) {
    this.answered = new AnsweredVerifications({
      database,
      also: (effects: Effects, answered: readonly NewAnswered[]) => audit.addAll(effects, answered.map(entryOf)),
    });
    this.requesters = new Requesters({ byGln: (gln) => partners.byGln(gln), time });
    this.responder = new VerificationResponder({
      packs: packsOf(trace),
      gln: async () => (await organisation.get())?.gln ?? null,
      keep: (answered) => this.answered.keep(answered),
      now: () => time.now(),
    });
  }
}

function packsOf(trace: TraceQueries): PackStates {
  return async (packs, now) => {
    const found = await trace.lookUpPacks(packs, now);
    return found.map(({ answer, known, stops }) => ({
      known,
      isProductKnown: !answer.findings.some(({ finding }) => finding === 'gtin unknown'),
      findings: answer.findings.map(({ finding, reason }) => ({ finding, reason, stops: stops.has(finding) })),
    }));
  };
}

function entryOf({ at, asker, requester, corrUUID, pack, status, data }: NewAnswered) {
  return {
    ...{ actor: asker.actor, origin: { via: 'http', address: asker.address } as const, at },
    ...{ action: 'pack.answer', subject: `pack:${pack.gtin}.${pack.serial}` as const },
    new: { requester, corrUUID, pack, status, ...data },
  };
}
