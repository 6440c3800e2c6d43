import type { AuditTrail, Effects, Outgoing, TimeSource } from '../../domain/index.ts';
import {
  AnsweredVerifications,
  type CredentialRules,
  type CredentialTrust,
  type NewAnswered,
  type PackStates,
  type Partners,
  type Presented,
  Requesters,
  Returns,
  VerificationDirectory,
  type VerificationMessageRequest,
  VerificationResponder,
  verifyPresentation,
} from '../../partners/index.ts';
import type { Database, OrganisationStore } from '../../storage/index.ts';
import type { TraceQueries } from '../../trace/index.ts';

export interface VerificationDeskOptions {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly organisation: OrganisationStore;
  readonly outgoing: Outgoing;
  readonly partners: Partners;
  /** Base of a GS1 Digital Link resolver; null: none is asked. */
  readonly resolver: string | null;
  readonly credentials: CredentialRules;
  /** Names that presentations for us may name, beside our GLN. */
  readonly audiences: readonly string[];
  readonly time: TimeSource;
  readonly trace: TraceQueries;
}

/** What other companies ask of our packs, and what they were told. */
export class VerificationDesk {
  readonly answered: AnsweredVerifications;
  readonly directory: VerificationDirectory;
  readonly requesters: Requesters;
  readonly responder: VerificationResponder;
  readonly returns: Returns;
  readonly credentials: CredentialRules;
  readonly #now: () => number;
  readonly #audiences: readonly string[];
  readonly #gln: () => Promise<string | null>;

  constructor({
    credentials,
    audiences,
    audit,
    database,
    organisation,
    outgoing,
    partners,
    resolver,
    time,
    trace,
  }: VerificationDeskOptions) {
    this.credentials = credentials;
    this.#audiences = audiences;
    this.#now = () => time.now();
    this.answered = new AnsweredVerifications({
      database,
      also: (effects: Effects, answered: readonly NewAnswered[]) => audit.addAll(effects, answered.map(entryOf)),
    });
    this.requesters = new Requesters({ byGln: (gln) => partners.byGln(gln), time });
    const packs = packsOf(trace);
    const gln = async () => (await organisation.get())?.gln ?? null;
    this.#gln = gln;
    this.directory = new VerificationDirectory({ audit, database, outgoing, partners, resolver, time });
    this.returns = new Returns({
      ...{ audit, database, directory: this.directory, gln, outgoing, packs, time },
      authorization: (partner) => partners.secret(partner, 'authorization'),
    });
    this.responder = new VerificationResponder({
      ...{ packs, gln },
      keep: (answered) => this.answered.keep(answered),
      now: () => time.now(),
    });
  }

  /** Whether a presentation holds for this request, or why not. */
  async presented(jwt: string, trust: CredentialTrust, request: VerificationMessageRequest): Promise<Presented> {
    const gln = await this.#gln();
    const { corrUUID, requester } = request;
    const audiences = [...this.#audiences, ...(gln === null ? [] : [gln])];
    return verifyPresentation(jwt, { corrUUID, requester, audiences, now: this.#now() }, trust);
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
    new: { requester, corrUUID, pack, status, ...data, credential: asker.credential },
  };
}
