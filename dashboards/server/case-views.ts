import { createHash } from 'node:crypto';
import {
  calibrationStateAt,
  calibrationsAt,
  type Disposition,
  type Epc,
  type History,
  metricByName,
  type SeenFrom,
  type TimeSource,
} from '../../domain/index.ts';
import { type Case, type CaseEvidence, CaseList, type CaseQuery, clockKind, evidenceOf } from '../../quality/index.ts';
import type { Database, FoundOriginal, Page } from '../../storage/index.ts';
import { type CaseSummaryView, type CaseView, formatTime } from '../api/index.ts';
import { type Directory, type Registered, ruleKey } from './directory.ts';
import type { Identity } from './identity.ts';

/** What was proposed, decided and said under signature, of one case. */
export type Judged = Pick<CaseView, 'groups' | 'proposal' | 'steps' | 'decisions' | 'signing'> & {
  /** By id of an alert: the number of the step that excuses it. */
  readonly excused: ReadonlyMap<string, number>;
  /** By EPC: the id of its group. */
  readonly groupOf: ReadonlyMap<Epc, string>;
};

/** Who works out groups, proposals and decisions. */
export interface CaseJudge {
  judge(one: Case, identity: Identity): Promise<Judged>;
  /** By EPC: the id of its group. */
  groupsOf(one: Case): Promise<ReadonlyMap<Epc, string>>;
  /** By number of a decision. */
  dispositionsOf(one: Case): Promise<ReadonlyMap<number, Disposition>>;
}

export interface CaseViewsOptions {
  readonly database: Database;
  readonly directory: Directory;
  readonly history: History;
  /** Messages as received that speak of a subject in [from, to], epoch ms UTC; oldest first. */
  readonly originals: { of(subject: string, from: number, to: number): AsyncIterable<FoundOriginal> };
  readonly time: TimeSource;
  readonly judge: CaseJudge;
}

/** A message is some hundred bytes; the rest is found by `GET /originals`. */
const ORIGINALS_PER_DEVICE = 20;
const MOST_CASES_REMEMBERED = 200;
/** Readings that come without a change of the case may part a group: pages of one look see one parting. */
const GROUPS_FRESH_MS = 15_000;
const MOST_GROUPS_REMEMBERED = 20;

interface Remembered {
  readonly revision: number;
  readonly at: number;
  readonly groups: Promise<ReadonlyMap<Epc, string>>;
}

type Original = CaseView['evidence']['originals'][number];

/** Cases as people see them. */
export class CaseViews {
  readonly #options: CaseViewsOptions;
  readonly #cases: CaseList;
  /** By id: messages as received are looked for in files, so once a revision. */
  readonly #originals = new Map<string, { readonly revision: number; readonly found: Promise<readonly Original[]> }>();

  /** By id: to work the groups of ten thousand serials out anew for each page of them would make a page a matter of seconds. */
  readonly #groups = new Map<string, Remembered>();

  constructor(options: CaseViewsOptions) {
    this.#options = options;
    this.#cases = new CaseList(options);
  }

  async list(query: CaseQuery, seenFrom: SeenFrom): Promise<Page<CaseSummaryView>> {
    const { items, nextCursor } = await this.#cases.list(query, seenFrom);
    const clocks = await this.#firstClocks(items);
    return { items: items.map((one) => summaryOf(one, clocks.get(one.number) ?? null)), nextCursor };
  }

  /** @throws {InputError} CASE_UNKNOWN also where it is not seen from these places */
  get(id: string, seenFrom: SeenFrom): Promise<Case> {
    return this.#cases.get(id, seenFrom);
  }

  /** Of a person; a token is nobody who could be mentioned. */
  async mentionsOf({ userId, name }: Identity, seenFrom: SeenFrom) {
    const found = userId === null ? [] : await this.#cases.mentionsOf(name, seenFrom);
    return found.map(({ at, ...mention }) => ({ ...mention, at: formatTime(at) }));
  }

  async detail(id: string, seenFrom: SeenFrom, identity: Identity): Promise<CaseView> {
    const { database, directory, judge } = this.#options;
    const one = await this.get(id, seenFrom);
    const [evidence, registered, judged] = await Promise.all([
      evidenceOf(database, one.number),
      directory.registered(),
      judge.judge(one, identity),
    ]);
    const { excused, groupOf, ...rest } = judged;
    this.#remember(one, Promise.resolve(groupOf));
    const clocks = evidence.clocks.map(clockView);
    const due = clocks.find(({ doneAt }) => doneAt === null) ?? null;
    // What changed since the last decision; before one everything is new.
    const last = Math.max(0, ...rest.decisions.map(({ revision }) => revision));
    return {
      ...summaryOf(one, due),
      ...{ clocks, ...rest },
      evidence: {
        alerts: evidence.alerts.map((alert) => ({
          ...{ id: alert.id, kind: alert.kind, severity: alert.severity, state: alert.state, summary: alert.summary },
          rule: { id: alert.rule, version: alert.ruleVersion, text: ruleTextOf(registered, alert) },
          ...{ from: formatTime(alert.from), to: formatTime(alert.to), excusedBy: excused.get(alert.id) ?? null },
        })),
        devices: await this.#devices(evidence, registered),
        notices: evidence.notices.map(({ at, arrived, ...notice }) => ({
          ...{ ...notice, at: formatTime(at), arrived: formatTime(arrived) },
        })),
        originals: [...(await this.#originalsOf(one, evidence))],
        changes: evidence.changes
          .filter(({ revision }) => last > 0 && revision > last)
          .map(({ at, text, decision }) => ({ at: formatTime(at), text, decision })),
      },
      comments: evidence.comments.map(({ at, mentions, ...comment }) => ({
        ...{ ...comment, at: formatTime(at), mentions: [...mentions] },
      })),
      tasks: evidence.tasks.map(({ due: dueAt, doneAt, ...task }) => ({
        ...{ ...task, due: formatTime(dueAt), doneAt: formatTime(doneAt) },
      })),
      attachments: evidence.attachments.map(({ at, ...file }) => ({ ...file, at: formatTime(at) })),
    };
  }

  /** What made it what it is, after a revision of it. */
  async changes(id: string, after: number, seenFrom: SeenFrom) {
    const { number } = await this.get(id, seenFrom);
    const items = (await this.#cases.changes(number, after)).map(({ at, ...change }) => ({
      ...{ ...change, at: formatTime(at) },
    }));
    return { items, nextCursor: null };
  }

  /** Serials of a case, and the units that they were in. */
  async goodsOf(id: string, seenFrom: SeenFrom): Promise<readonly string[]> {
    return this.#cases.goods((await this.get(id, seenFrom)).number);
  }

  async serials(
    id: string,
    {
      group,
      ...query
    }: { readonly group?: string | undefined; readonly limit: number; readonly cursor?: string | undefined },
    seenFrom: SeenFrom,
  ) {
    const one = await this.get(id, seenFrom);
    const groups = await this.#groupsOf(one);
    const epcs = group === undefined ? undefined : [...groups].filter(([, of]) => of === group).map(([epc]) => epc);
    const { items, nextCursor } = await this.#cases.serials(one.number, { ...query, epcs });
    const dispositions = await this.#options.judge.dispositionsOf(one);
    return {
      items: items.map(({ decision, isInForce, ...serial }) => {
        const disposition = decision === null ? undefined : dispositions.get(decision);
        return {
          ...serial,
          group: groups.get(serial.epc) ?? '',
          decision:
            decision === null || disposition === undefined ? null : { number: decision, disposition, isInForce },
        };
      }),
      nextCursor,
    };
  }

  #groupsOf(one: Case): Promise<ReadonlyMap<Epc, string>> {
    const { judge, time } = this.#options;
    const known = this.#groups.get(one.id);
    if (known?.revision === one.revision && time.now() - known.at < GROUPS_FRESH_MS) return known.groups;
    const groups = judge.groupsOf(one);
    this.#remember(one, groups);
    groups.catch(() => this.#groups.delete(one.id));
    return groups;
  }

  #remember({ id, revision }: Case, groups: Promise<ReadonlyMap<Epc, string>>): void {
    this.#groups.delete(id);
    this.#groups.set(id, { revision, at: this.#options.time.now(), groups });
    const [oldest] = this.#groups.keys();
    if (oldest !== undefined && this.#groups.size > MOST_GROUPS_REMEMBERED) this.#groups.delete(oldest);
  }

  /** By number of the case: the clock that falls due first. */
  async #firstClocks(cases: readonly Case[]): Promise<ReadonlyMap<number, CaseView['clocks'][number]>> {
    const { rows } = await this.#options.database.query<{ number: number; clock: string; due: number }>(
      `SELECT DISTINCT ON (case_number) case_number AS number, clock, due_at AS due FROM case_clocks
       WHERE case_number = ANY($1) AND done_at IS NULL ORDER BY case_number, due_at, clock`,
      [cases.map(({ number }) => number)],
    );
    return new Map(rows.map(({ number, clock, due }) => [number, clockView({ clock, due, doneAt: null })]));
  }

  async #devices({ alerts }: CaseEvidence, registered: Registered): Promise<CaseView['evidence']['devices']> {
    const now = this.#options.time.now();
    const ids = [...new Set(alerts.flatMap(({ device }) => device ?? []))];
    return Promise.all(
      ids.map(async (id) => {
        const device = registered.devices.get(id);
        const theirs = alerts.filter((alert) => alert.device === id);
        const calibrations = (registered.calibrations.get(id) ?? []).map(({ calibration }) => calibration);
        const [calibration] = calibrationsAt(calibrations, now);
        return {
          ...{ id, name: device?.name ?? null, kind: device?.kind ?? null },
          calibration:
            calibration === undefined
              ? null
              : {
                  ...{ metric: calibration.metric, effectiveFrom: formatTime(calibration.effectiveFrom) },
                  ...{ certificate: calibration.certificate, state: calibrationStateAt(calibration.certificate, now) },
                },
          readings: await this.#readings(theirs),
        };
      }),
    );
  }

  /** Of the metrics and times of these alerts. */
  async #readings(alerts: CaseEvidence['alerts']): Promise<number> {
    let readings = 0;
    for (const { device, metric, from, to } of alerts) {
      const code = metricByName(metric ?? '')?.code;
      if (device === null || code === undefined) continue;
      readings += (await this.#options.history.read(device, code, from, to ?? this.#options.time.now())).count;
    }
    return readings;
  }

  #originalsOf(one: Case, evidence: CaseEvidence): Promise<readonly Original[]> {
    const known = this.#originals.get(one.id);
    if (known?.revision === one.revision) return known.found;
    const found = this.#findOriginals(evidence);
    this.#originals.delete(one.id);
    this.#originals.set(one.id, { revision: one.revision, found });
    const [oldest] = this.#originals.keys();
    if (oldest !== undefined && this.#originals.size > MOST_CASES_REMEMBERED) this.#originals.delete(oldest);
    return found;
  }

  async #findOriginals({ alerts }: CaseEvidence): Promise<readonly Original[]> {
    const found: Original[] = [];
    for (const device of new Set(alerts.flatMap((alert) => alert.device ?? []))) {
      const theirs = alerts.filter((alert) => alert.device === device);
      const from = Math.min(...theirs.map((alert) => alert.from));
      const to = Math.max(...theirs.map((alert) => alert.to ?? this.#options.time.now()));
      let count = 0;
      for await (const { segment, position, arrival, payload } of this.#options.originals.of(device, from, to + 1)) {
        const sha256 = createHash('sha256').update(payload).digest('hex');
        found.push({ id: `${segment}/${position}`, device, at: formatTime(arrival), sha256 });
        if (++count === ORIGINALS_PER_DEVICE) break;
      }
    }
    return found;
  }
}

function ruleTextOf(registered: Registered, { rule, ruleVersion }: CaseEvidence['alerts'][number]): string | null {
  const version = registered.rules.get(ruleKey(rule, ruleVersion));
  return version === undefined ? null : JSON.stringify(version.rule);
}

function clockView({ clock, due, doneAt }: CaseEvidence['clocks'][number]): CaseView['clocks'][number] {
  const { name, source } = clockKind(clock) ?? { name: clock, source: null };
  return { id: clock, name, source, due: formatTime(due), doneAt: formatTime(doneAt) };
}

function summaryOf(one: Case, due: CaseView['clocks'][number] | null): CaseSummaryView {
  const { number: _, reason: __, dueAt: ___, openedAt, closedAt, ...rest } = one;
  return { ...rest, openedAt: formatTime(openedAt), closedAt: formatTime(closedAt), due };
}
