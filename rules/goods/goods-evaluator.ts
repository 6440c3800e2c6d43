import type { DueShipment, Finding, GoodsDesk, Logger, Meter, Timer, TimeSource } from '../../domain/index.ts';
import { changesBetween } from '../engine/changes.ts';
import { GoodsRules } from './judge-shipment.ts';

export interface GoodsEvaluatorParts {
  readonly desk: GoodsDesk;
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly meter: Meter;
}

/** Shipments asked for at once. */
const PAGE = 50;
/** In case a wake-up got lost; what becomes due by time alone waits as long. */
const LOOK_EVERY_MS = 2_000;
/** A shipment that could not be judged is tried again after this. */
const PAUSE_MS = 10_000;

/**
 * Judges goods by the rules on goods: whenever readings or facts mark a shipment, or time alone may change what is found in it,
 * everything its goods went through is judged anew and the difference goes to the findings. Nothing is kept between, so that
 * late readings, late facts, a restart and an edited rule all lead to the same.
 *
 * One process does it at a time; a second one would find the same and change nothing.
 */
export class GoodsEvaluator {
  readonly #parts: GoodsEvaluatorParts;
  readonly #metrics: ReturnType<typeof metricsOf>;
  readonly #paused = new Map<string, number>();
  #isRunning = false;
  #isStopped = false;
  #looking: Promise<void> | null = null;
  #mustLook = false;
  #timer: Timer | null = null;

  constructor(parts: GoodsEvaluatorParts) {
    this.#parts = parts;
    this.#metrics = metricsOf(parts.meter);
  }

  start(): void {
    this.#isRunning = true;
    this.#timer = this.#parts.time.every('judge goods', LOOK_EVERY_MS, () => this.wake());
    this.wake();
  }

  /** Something may be due. */
  wake(): void {
    if (!this.#isRunning) return;
    this.#mustLook = true;
    this.#looking ??= this.#lookWhileAsked().finally(() => {
      this.#looking = null;
    });
  }

  /** Finishes the shipment under way. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#looking;
  }

  /** Judges all that is due now. @returns how many shipments were judged */
  async look(): Promise<number> {
    const { desk, time, logger } = this.#parts;
    let judged = 0;
    const seen = new Set<string>();
    for (;;) {
      const now = time.now();
      const due = (await desk.due(now, PAGE)).filter(
        ({ shipment, marks }) => !seen.has(`${shipment} ${marks}`) && (this.#paused.get(shipment) ?? 0) <= now,
      );
      if (due.length === 0 || this.#isStopped) return judged;
      const rules = new GoodsRules(await desk.rules());
      for (const one of due) {
        if (this.#isStopped) return judged;
        seen.add(`${one.shipment} ${one.marks}`);
        try {
          await this.#judge(one, rules);
          this.#paused.delete(one.shipment);
          judged++;
        } catch (error) {
          this.#paused.set(one.shipment, now + PAUSE_MS);
          this.#metrics.failed.add();
          logger.warn(
            { shipment: one.shipment, error },
            'the goods of a shipment could not be judged; it is tried again',
          );
        }
      }
    }
  }

  async #lookWhileAsked(): Promise<void> {
    while (this.#mustLook && this.#isRunning) {
      this.#mustLook = false;
      try {
        await this.look();
      } catch (error) {
        this.#parts.logger.warn({ error }, 'goods could not be judged; it is tried again');
      }
    }
  }

  async #judge(due: DueShipment, rules: GoodsRules): Promise<void> {
    const { desk, time } = this.#parts;
    const now = time.now();
    const before = await desk.present(due.shipment, rules.ids);
    const goods = rules.isEmpty ? null : await desk.goods(due.shipment, now, rules.metrics);
    const { found, again } = goods === null ? { found: [], again: null } : rules.judge(goods, now);
    const known = new Map(before.map((finding) => [`${finding.rule} ${finding.from}`, finding]));
    const present = found.map(({ finding, groups }) => {
      const earlier = known.get(`${finding.rule} ${finding.from}`);
      const detection = earlier ?? { detectedAt: now, detectedLate: due.reason !== null };
      return {
        groups,
        finding: { ...finding, detectedAt: detection.detectedAt, detectedLate: detection.detectedLate },
      };
    });
    const changes = changesOf(
      before,
      present.map(({ finding }) => finding),
    ).map((change) =>
      due.reason === null || change.reason !== undefined ? change : { ...change, reason: due.reason },
    );
    await desk.settle({ due, changes, found: present, devices: goods?.devices ?? [], judgedAt: now, again });
    this.#metrics.judged.add();
    for (const { event } of changes) this.#metrics.changes.add(1, { event });
  }
}

/** Rule by rule: findings of one rule share its time, those of others do not. */
function changesOf(before: readonly Finding[], after: readonly Finding[]) {
  const rules = new Set([...before, ...after].map(({ rule }) => rule));
  return [...rules].sort().flatMap((rule) =>
    changesBetween(
      before.filter((finding) => finding.rule === rule),
      after.filter((finding) => finding.rule === rule),
    ),
  );
}

function metricsOf(meter: Meter) {
  return {
    judged: meter.counter({ name: 'isotherm_goods_judged', help: 'Shipments whose goods were judged' }),
    failed: meter.counter({ name: 'isotherm_goods_failed', help: 'Shipments whose goods could not be judged' }),
    changes: meter.counter({
      name: 'isotherm_goods_changes',
      help: 'Changes of findings on goods',
      labels: ['event'],
    }),
  };
}
