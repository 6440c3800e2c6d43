import type { AlertService } from '../../alerts/index.ts';
import { digitalLink, elementString } from '../../codecs/epc/index.ts';
import { formatDuration, InputError, type SeenFrom, type TimeSource } from '../../domain/index.ts';
import type { ExcusingStep, SerialDecision, SerialDecisions, Steps } from '../../quality/index.ts';
import type { ExposureFigures, JourneyFigures, LegFigures, SerialExposures, TraceQueries } from '../../trace/index.ts';
import {
  type ExposureView,
  formatTime,
  type JourneyView,
  type SerialDispositionView,
  type SerialEvidenceView,
  type SerialView,
} from '../api/index.ts';
import type { AlertViews } from './alert-views.ts';
import { type Directory, placeRef } from './directory.ts';
import { profileView } from './shipment-views.ts';

export interface SerialViewsOptions {
  readonly alertService: AlertService;
  readonly alertViews: AlertViews;
  readonly directory: Directory;
  readonly trace: TraceQueries;
  readonly exposures: SerialExposures;
  readonly serialDecisions: SerialDecisions;
  readonly steps: Pick<Steps, 'excusingOn'>;
  readonly seenFrom: SeenFrom;
  readonly time: TimeSource;
}

/** One serial's whole story: what it is, where it was, in what air, and what was raised about it. */
export class SerialViews {
  readonly #options: SerialViewsOptions;

  constructor(options: SerialViewsOptions) {
    this.#options = options;
  }

  /**
   * @param given EPC URN, Digital Link or hex
   * @param now up to when its journey is told, epoch ms UTC
   * @throws {InputError} SERIAL_UNKNOWN, EPC_*
   */
  async detail(given: string, now: number = this.#options.time.now()): Promise<SerialView> {
    const { alertService, alertViews, directory, trace, exposures, serialDecisions, steps, seenFrom } = this.#options;
    const serial = await trace.serial(given);
    if (serial === null)
      throw new InputError('SERIAL_UNKNOWN', `nothing was ever heard of ${given}`, { serial: given });
    const [registered, alerts, exposure, goods, decided, said, cases] = await Promise.all([
      directory.registered(),
      alertService.ofSerial(serial.epc),
      exposures.of(serial.epc, now),
      trace.goods(serial.epc, now),
      serialDecisions.of(serial.epc),
      steps.excusingOn(serial.epc),
      serialDecisions.casesOf(serial.epc, seenFrom),
    ]);
    const legs = exposure?.legs ?? [];
    // A case is of many goods: of its loggers those count that were around this one.
    const around = new Set(legs.flatMap(({ devices }) => devices));
    return {
      epc: serial.epc,
      gtin: serial.gtin,
      serial: serial.serial,
      sscc: serial.sscc,
      lot: serial.lot,
      expiry: serial.expiry,
      unreadableExpiry: serial.unreadableExpiry,
      product: serial.product,
      status: serial.status,
      statusSince: formatTime(serial.statusSince),
      mayMoveOn: goods.mayMoveOn,
      findings: goods.findings.map((one) => ({ ...one })),
      shipments: [...serial.shipments],
      unit: serial.unit,
      containment: serial.containment.map(({ parent, from, to }) => ({ parent, ...spanOf(from, to) })),
      presence: serial.presence.map(({ place, from, to }) => ({
        place: placeRef(registered, place),
        ...spanOf(from, to),
      })),
      exposures: legs.map((leg, index) => exposureView(registered, leg, index === legs.length - 1)),
      journey: exposure === null ? null : journeyView(exposure.journey),
      alerts: await alertViews.list(alerts),
      identity: identityOf(serial),
      dispositions: decided.map(dispositionView),
      evidence: said.filter(({ device }) => around.has(device)).map(evidenceView),
      cases: cases.map((one) => ({ ...one })),
    };
  }
}

type CodedSerial = Pick<SerialView, 'gtin' | 'serial' | 'sscc' | 'lot' | 'expiry'>;

/** As its codes say it; null where it is neither of a product nor a logistic unit. */
function identityOf({ gtin, serial, sscc, lot, expiry }: CodedSerial): SerialView['identity'] {
  const [, year = '', month = '', day = ''] = /^\d\d(\d\d)-(\d\d)-(\d\d)$/.exec(expiry ?? '') ?? [];
  const key =
    gtin !== null && serial !== null
      ? [
          { ai: '01', value: gtin },
          { ai: '21', value: serial },
        ]
      : sscc === null
        ? null
        : [{ ai: '00', value: sscc }];
  if (key === null) return null;
  const expires = year === '' ? [] : [{ ai: '17', value: `${year}${month}${day}` }];
  const batch = lot === null ? [] : [{ ai: '10', value: lot }];
  // A lot is no attribute of the link (GS1 Digital Link, 4.7): its key and serial alone say what it is.
  return {
    elementString: elementString([...key, ...expires, ...batch]),
    digitalLink: digitalLink([...key, ...expires]),
  };
}

function dispositionView({ decidedAt, inForceAt, signatures, ...decision }: SerialDecision): SerialDispositionView {
  return {
    ...decision,
    ...{ at: formatTime(decidedAt), inForceSince: formatTime(inForceAt) },
    signatures: signatures.map((one) => ({ ...one, at: formatTime(one.at) })),
  };
}

function evidenceView({
  case: id,
  number,
  step,
  device,
  instead,
  reason,
  signer,
  ...span
}: ExcusingStep): SerialEvidenceView {
  const { from, to } = span;
  return {
    ...{ case: id, number, step, device, instead, reason, who: signer },
    ...spanOf(from, Number.isFinite(to) ? to : null),
  };
}

function spanOf(from: number, to: number | null): { from: string; to: string | null } {
  return { from: formatTime(Math.max(from, EARLIEST_MS)), to: formatTime(to) };
}

type Registered = Awaited<ReturnType<Directory['registered']>>;

function exposureView(registered: Registered, leg: LegFigures, goesOn: boolean): ExposureView {
  const { through, profile } = leg;
  return {
    devices: [...leg.devices],
    unit: through !== null && 'unit' in through ? through.unit : null,
    place: through !== null && 'place' in through ? placeRef(registered, through.place) : null,
    profile: profile === null ? null : profileView(profile),
    ...spanOf(leg.from, goesOn ? null : leg.to),
    ...figuresOf(leg),
  };
}

function journeyView(journey: JourneyFigures): JourneyView {
  const { highestMkt: highest } = journey;
  return {
    from: formatTime(journey.from),
    to: formatTime(journey.to),
    ...figuresOf(journey),
    highestMkt:
      highest === null
        ? null
        : { window: formatDuration(highest.windowMs), mkt: highest.mkt, at: formatTime(highest.at) },
    budget: journey.budget === null ? null : { ...journey.budget },
  };
}

function figuresOf(figures: ExposureFigures): ExposureFigures {
  const { min, max, mkt, minutesAbove, minutesBelow, minutesOutOfRange, minutesUnknown } = figures;
  return { min, max, mkt, minutesAbove, minutesBelow, minutesOutOfRange, minutesUnknown };
}

/** What nothing bounds begins with the epoch: a Date holds no -Infinity. */
const EARLIEST_MS = 0;
