import {
  type AuditTrail,
  type Fact,
  InputError,
  type LoggerFileAnswer,
  type LoggerFiles,
  type LoggerFileUpload,
  type Origination,
  type TimeSource,
} from '../../domain/index.ts';
import { type Database, effectsOf, type LoggerFileStore } from '../../storage/index.ts';
import type { ShipmentRecord, TraceQueries } from '../../trace/index.ts';
import type { LoggerFileMapping } from '../api/index.ts';
import type { Directory } from './directory.ts';
import type { FactCommands } from './fact-commands.ts';
import type { Live } from './live.ts';

export interface LoggerFileCommandsOptions {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly directory: Directory;
  readonly factCommands: FactCommands;
  readonly live: Live;
  readonly loggerFiles: LoggerFiles;
  readonly loggerFileStore: LoggerFileStore;
  readonly time: TimeSource;
  readonly trace: TraceQueries;
}

/** A file for a shipment: which unit the logger travelled with. */
export interface ShippedUpload extends LoggerFileUpload {
  readonly unit: string | null;
}

/** Files of loggers that people bring, and how they are read. */
export class LoggerFileCommands {
  readonly #options: LoggerFileCommandsOptions;

  constructor(options: LoggerFileCommandsOptions) {
    this.#options = options;
  }

  /**
   * @throws {InputError} LOGGER_FILE_*; SHIPMENT_UNKNOWN; LOGGER_FILE_UNIT_OPEN the shipment has several units
   */
  async take(upload: ShippedUpload): Promise<LoggerFileAnswer> {
    const { directory, factCommands, live, loggerFiles } = this.#options;
    // Before anything is stored: a shipment that is not there, or a choice that is open, refuses the whole.
    const facts = upload.shipment === null ? [] : await this.#attachments(upload, upload.shipment);
    const answer = await loggerFiles.take(upload);
    // The upload itself is the original; these say where it belongs.
    if (facts.length > 0) await factCommands.record(facts, null, upload.who);
    // A device that was met first is registered now.
    directory.forget();
    for (const { device } of answer.devices) live.deviceChanged(device);
    return answer;
  }

  look(upload: ShippedUpload): Promise<LoggerFileAnswer> {
    return this.#options.loggerFiles.look(upload);
  }

  async keepMapping(name: string, mapping: LoggerFileMapping, who: Origination) {
    const { audit, database, loggerFileStore, time } = this.#options;
    const at = time.now();
    const kept = { name, mapping: { ...mapping, name }, at, by: who.actor.name };
    await database.transaction(async (client) => {
      const effects = effectsOf(client);
      const old = await loggerFileStore.keepMapping(effects, kept);
      await audit.add(effects, {
        ...{ ...who, at, action: 'logger-file.mapping', subject: `mapping:${name}` },
        ...{ old, new: kept.mapping },
      });
    });
    return kept;
  }

  /** Puts devices of the file that are on no unit of the shipment onto one, from its departure on. */
  async #attachments(upload: ShippedUpload, id: string): Promise<Fact[]> {
    const { loggerFiles, trace } = this.#options;
    const shipment = await trace.shipment(id);
    if (shipment === null) throw new InputError('SHIPMENT_UNKNOWN', `there is no shipment ${id}`, { shipment: id });
    const onBoard = new Set(shipment.units.flatMap((unit) => unit.devices));
    const { devices } = await loggerFiles.look(upload);
    const open = devices.map(({ device }) => device).filter((device) => !onBoard.has(device));
    if (open.length === 0) return [];
    const subject = unitFor(shipment, upload.unit, open);
    return open.map((device) => ({
      ...{ type: 'attachment', by: upload.who.actor.name },
      attachment: { device, subject, from: shipment.departs },
    }));
  }
}

/** @throws {InputError} LOGGER_FILE_UNIT_OPEN */
function unitFor({ id, units }: ShipmentRecord, unit: string | null, open: readonly string[]): string {
  if (unit !== null) {
    if (units.some(({ epc }) => epc === unit)) return unit;
    throw new InputError('LOGGER_FILE_UNIT_OPEN', `unit: ${unit.slice(0, 80)} is not of shipment ${id}`);
  }
  const outer = units.filter(({ parent }) => parent === null);
  const [only, ...more] = outer.length > 0 ? outer : units;
  if (only !== undefined && more.length === 0) return only.epc;
  throw new InputError(
    'LOGGER_FILE_UNIT_OPEN',
    `unit: shipment ${id} has ${units.length} units, and ${open.join(', ')} is on none of them; say which one it travelled with`,
  );
}
