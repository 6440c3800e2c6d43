import type { Accounts } from '../../access/index.ts';
import { type Disposition, type Epc, serverText } from '../../domain/index.ts';
import type {
  AssessedGroup,
  Assessment,
  Case,
  Decisions,
  KeptDecision,
  SigningSessions,
  Steps,
} from '../../quality/index.ts';
import type { Database } from '../../storage/index.ts';
import { type CaseGroupView, type CaseView, formatTime } from '../api/index.ts';
import type { CaseAssessor } from './case-assessor.ts';
import { decisionView, stepView } from './case-decision-views.ts';
import type { Identity } from './identity.ts';
import { signingMethods } from './signing-methods.ts';

export interface CaseJudgementOptions {
  readonly accounts: Accounts;
  readonly assessor: CaseAssessor;
  readonly database: Database;
  readonly decisions: Decisions;
  /** A provider is configured that people can sign in at afresh. */
  readonly hasProvider: boolean;
  readonly signingSessions: SigningSessions;
  readonly steps: Steps;
}

/** What was proposed, decided and said under signature, of one case, as people see it. */
export class CaseJudgement {
  readonly #options: CaseJudgementOptions;

  constructor(options: CaseJudgementOptions) {
    this.#options = options;
  }

  async judge(one: Case, identity: Identity) {
    const { assessor, decisions, steps } = this.#options;
    const assessment = await assessor.assess(one);
    const [kept, taken, bySerial] = [
      await decisions.of(one, assessment),
      await steps.of(one),
      await this.#decidedOf(one),
    ];
    const dispositions = new Map(kept.map(({ number, disposition }) => [number, disposition]));
    const standing = taken.filter(({ undoes, undoneBy }) => undoes === null && undoneBy === null);
    return {
      groups: assessment.groups.map((group, index) => groupView(group, index, bySerial, dispositions)),
      proposal: proposalOf(assessment),
      steps: taken.map(stepView),
      groupOf: groupsIn(assessment),
      decisions: kept.map(decisionView),
      signing: await this.signing(identity, assessment),
      excused: new Map(
        standing.flatMap(({ number, detail }) => (detail.step === 'excuse' ? [[detail.alert, number] as const] : [])),
      ),
    };
  }

  /** By EPC: the id of its group. */
  async groupsOf(one: Case): Promise<ReadonlyMap<Epc, string>> {
    return groupsIn(await this.#options.assessor.assess(one));
  }

  /** By number of a decision. */
  async dispositionsOf({ number }: Case): Promise<ReadonlyMap<number, Disposition>> {
    const { rows } = await this.#options.database.query<{ number: number; disposition: Disposition }>(
      'SELECT number, disposition FROM case_decisions WHERE case_number = $1',
      [number],
    );
    return new Map(rows.map((row) => [row.number, row.disposition]));
  }

  /** By EPC: the latest decision. */
  async #decidedOf({ number }: Case): Promise<ReadonlyMap<Epc, Decided>> {
    const { rows } = await this.#options.database.query<{ epc: Epc } & Decided>(
      `SELECT epc, decision, is_in_force AS "isInForce", decided_revision < changed_revision AS "isChanged"
       FROM case_serials WHERE case_number = $1 AND decision IS NOT NULL`,
      [number],
    );
    return new Map(rows.map(({ epc, ...decided }) => [epc, decided]));
  }

  /**
   * How one has to sign here and now.
   * @param assessment of the goods that are decided on; absent: nothing is decided, and nobody else has to sign
   */
  async signing({ userId, session }: Identity, assessment?: Assessment): Promise<CaseView['signing']> {
    const { accounts, hasProvider, signingSessions } = this.#options;
    const needsSecond = (assessment?.groups ?? []).some((group) => group.needsSecond);
    if (userId === null || session === null) return { methods: [], needsUser: true, needsCode: false, needsSecond };
    const isOpen = await signingSessions.isOpen(session);
    const { appSince } = await accounts.factors.stateOf(userId);
    return {
      methods: await signingMethods(accounts, userId, hasProvider),
      ...{ needsUser: !isOpen, needsCode: !isOpen && appSince !== null, needsSecond },
    };
  }
}

function groupsIn({ groups }: Assessment): ReadonlyMap<Epc, string> {
  return new Map(groups.flatMap(({ id, epcs }) => epcs.map((epc) => [epc, id] as const)));
}

/** What was last decided of a serial. */
interface Decided {
  readonly decision: number;
  readonly isInForce: boolean;
  /** On other evidence than is known now. */
  readonly isChanged: boolean;
}

function groupView(
  { needsSecond: _, epcs, ...group }: AssessedGroup,
  index: number,
  bySerial: ReadonlyMap<Epc, Decided>,
  dispositions: ReadonlyMap<number, KeptDecision['disposition']>,
): CaseGroupView {
  const decided = new Map<Disposition, number>();
  let [waiting, changed, toDecide] = [0, 0, 0];
  for (const epc of epcs) {
    const latest = bySerial.get(epc);
    if (latest === undefined || latest.isChanged) toDecide++;
    if (latest === undefined) continue;
    if (latest.isChanged) changed++;
    const disposition = dispositions.get(latest.decision);
    if (!latest.isInForce) waiting++;
    else if (disposition !== undefined) decided.set(disposition, (decided.get(disposition) ?? 0) + 1);
  }
  const { budget, exposure, limits, proposal } = group;
  const { minutesOutOfRange: _both, ...figures } = exposure;
  const used = budget === null ? 0 : Math.max(0, budget.used - budget.excused);
  return {
    ...{ id: group.id, name: nameOf(index), gtin: group.gtin, product: group.product, lot: group.lot },
    ...{ expiry: group.expiry, units: [...group.units], devices: [...group.devices], serials: epcs.length },
    undecided: epcs.filter((epc) => bySerial.get(epc)?.isInForce !== true).length,
    ...{ waiting, changed, toDecide },
    exposure: {
      ...{ from: formatTime(group.from), to: formatTime(group.to), ...figures, limits: { ...limits } },
      budget: budget === null ? null : { ...budget, used, left: budget.limit - used },
    },
    proposal: { disposition: proposal.disposition, reasons: [...proposal.reasons], isCertain: proposal.isCertain },
    decided: [...decided].map(([disposition, serials]) => ({ disposition, serials })),
  };
}

/** A, B, ... Z, AA. */
function nameOf(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : `${nameOf(Math.floor(index / 26) - 1)}${letter}`;
}

/** The whole case in a sentence. */
function proposalOf({ at, groups }: Assessment): CaseView['proposal'] {
  if (groups.length === 0) return null;
  const serials = new Map<string, number>();
  for (const { proposal, epcs } of groups) {
    serials.set(proposal.disposition, (serials.get(proposal.disposition) ?? 0) + epcs.length);
  }
  const text = [...serials]
    .map(([disposition, count]) => serverText('case.proposal.part', { disposition, serials: count }))
    .join(', ');
  const isCertain = groups.every(({ proposal }) => proposal.isCertain);
  const whole = `${text[0]?.toUpperCase()}${text.slice(1)}`;
  return {
    text: serverText(isCertain ? 'case.proposal' : 'case.proposal.uncertain', { proposal: whole }),
    isCertain,
    at: formatTime(at),
  };
}
