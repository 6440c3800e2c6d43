import type { z } from 'zod';
import {
  type CalibrationFact,
  calibrationStateAt,
  calibrationsAt,
  InputError,
  type TimeSource,
} from '../../domain/index.ts';
import type { CalibrationFiles } from '../../storage/index.ts';
import type { calibrationNow } from '../api/device-calibration.ts';
import { type CALIBRATED_METRICS, type CalibrationInput, type CalibrationView, formatTime } from '../api/index.ts';
import { certificateFault } from '../api/plausible.ts';
import type { Directory, KeptCalibration } from './directory.ts';
import type { FactCommands } from './fact-commands.ts';
import type { Received } from './received.ts';

export interface DeviceCalibrationsOptions {
  readonly directory: Directory;
  readonly factCommands: FactCommands;
  readonly calibrationFiles: CalibrationFiles;
  readonly time: TimeSource;
}

/** A calibration that a person records, with the certificate as it came. */
export interface CalibrationWish {
  readonly device: string;
  readonly given: CalibrationInput;
  readonly file: { readonly name: string; readonly bytes: Buffer } | null;
  readonly by: string;
}

/** Calibrations of devices: recorded, listed, and the files of their certificates. */
export class DeviceCalibrations {
  readonly #options: DeviceCalibrationsOptions;

  constructor(options: DeviceCalibrationsOptions) {
    this.#options = options;
  }

  /** @throws {InputError} CALIBRATION_FILE_ALONE a file without the certificate it is; CALIBRATION_IMPLAUSIBLE its days */
  async record(
    { device, given, file, by }: CalibrationWish,
    received: Received,
  ): Promise<{ readonly isApplied: boolean; readonly view: CalibrationView }> {
    const { calibrationFiles, factCommands, time } = this.#options;
    const { metric, offset, points = [], certificate, reason } = given;
    if (file !== null && certificate === undefined) {
      throw new InputError(
        'CALIBRATION_FILE_ALONE',
        'certificate: a file came without number, laboratory, date and due',
      );
    }
    const at = time.now();
    const fault = certificate === undefined ? null : certificateFault(certificate, at);
    if (fault !== null) {
      const message = `certificate.${fault.member}: ${fault.message}`;
      const errors = [{ path: `certificate.${fault.member}`, message: fault.message }];
      throw new InputError('CALIBRATION_IMPLAUSIBLE', message, { errors });
    }
    const sha256 = file === null ? null : await calibrationFiles.keep(file, by, at);
    const calibration: CalibrationFact = {
      ...{ device, metric, reason, at },
      effectiveFrom:
        given.effectiveFrom ?? (certificate === undefined ? at : Date.parse(`${certificate.date}T00:00:00Z`)),
      points: offset === undefined ? points : [{ reported: 0, reference: offset }],
      certificate: certificate === undefined ? null : { ...certificate, ...(sha256 !== null && { file: sha256 }) },
    };
    const isApplied = await factCommands.record([{ type: 'calibration', calibration, by }], received);
    return { isApplied, view: viewOf({ calibration, by }, false, at) };
  }

  /** The latest by `effectiveFrom` first, replaced ones after what replaced them. */
  async list(device: string): Promise<CalibrationView[]> {
    const now = this.#options.time.now();
    const { calibrations } = await this.#options.directory.registered();
    const newestFirst = (calibrations.get(device) ?? []).toReversed();
    const counting = new Set<string>();
    const views = newestFirst.map((kept) => {
      const slot = `${kept.calibration.metric} ${kept.calibration.effectiveFrom}`;
      const isReplaced = counting.has(slot);
      counting.add(slot);
      return viewOf(kept, isReplaced, now);
    });
    return views.sort((a, b) => (a.effectiveFrom < b.effectiveFrom ? 1 : a.effectiveFrom > b.effectiveFrom ? -1 : 0));
  }

  /** @throws {InputError} CALIBRATION_FILE_UNKNOWN the device has no certificate with such a file */
  async file(device: string, sha256: string) {
    const items = await this.list(device);
    const isOfDevice = items.some(({ certificate }) => certificate?.file === sha256);
    const file = isOfDevice ? await this.#options.calibrationFiles.find(sha256) : null;
    if (file === null) {
      throw new InputError('CALIBRATION_FILE_UNKNOWN', `no certificate of ${device} has this file`, { device, sha256 });
    }
    return file;
  }
}

/** What is in force of a device, by metric. */
export function calibrationsNow(kept: readonly KeptCalibration[], now: number): z.output<typeof calibrationNow>[] {
  const facts = kept.map(({ calibration }) => calibration);
  return calibrationsAt(facts, now).map(({ metric, effectiveFrom, certificate }) => ({
    ...{ metric: metric as (typeof CALIBRATED_METRICS)[number], effectiveFrom: formatTime(effectiveFrom) },
    ...{ due: certificate?.due ?? null, state: calibrationStateAt(certificate, now) },
  }));
}

function viewOf(
  { calibration: { device: _, metric, effectiveFrom, points, at, ...said }, by }: KeptCalibration,
  isReplaced: boolean,
  now: number,
): CalibrationView {
  return {
    ...{ ...said, points: [...points], by, isReplaced },
    metric: metric as (typeof CALIBRATED_METRICS)[number],
    effectiveFrom: formatTime(effectiveFrom),
    at: formatTime(at),
    state: calibrationStateAt(said.certificate, now),
  };
}
