import type { AuditTrail, Meter, Outgoing, TimeSource } from '../../domain/index.ts';
import { DocumentReader, SystemFiles, SystemMessages, SystemQuotas, Systems } from '../../partners/index.ts';
import type { Database, InstallationKey } from '../../storage/index.ts';
import type { TraceQueries } from '../../trace/index.ts';
import type { FactCommands } from './fact-commands.ts';
import type { Lane } from './shipment-commands.ts';
import { StockViews } from './stock-views.ts';
import { SystemIntake } from './system-intake.ts';

export interface SystemDeskSources {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly factCommands: FactCommands;
  /** Seals secrets of webhooks. */
  readonly key: InstallationKey;
  /** Decisions on one shipment, one after another. */
  readonly lane: Lane;
  readonly meter: Meter;
  /** Judges addresses of webhooks before they are kept. */
  readonly outgoing: Outgoing;
  readonly time: TimeSource;
  readonly trace: TraceQueries;
}

/** ERP and WMS beside us: their mappings, their files and documents, what they are told. */
export interface SystemDesk {
  readonly stockViews: StockViews;
  readonly systemFiles: SystemFiles;
  readonly systemIntake: SystemIntake;
  readonly systemMessages: SystemMessages;
  readonly systemQuotas: SystemQuotas;
  readonly systems: Systems;
}

export function systemDesk(sources: SystemDeskSources): SystemDesk {
  const { factCommands, lane, time, trace } = sources;
  const systems = new Systems(sources);
  const systemQuotas = new SystemQuotas(sources);
  const systemFiles = new SystemFiles({ ...sources, quotas: systemQuotas });
  const reader = new DocumentReader({ time });
  return {
    ...{ systems, systemFiles, systemQuotas, systemMessages: new SystemMessages(sources) },
    stockViews: new StockViews({ systemFiles, time, trace }),
    systemIntake: new SystemIntake({ factCommands, files: systemFiles, lane, reader, systems, time, trace }),
  };
}
