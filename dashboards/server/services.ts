import type { Accounts } from '../../access/index.ts';
import type { AlertBook } from '../../alerts/index.ts';
import type { Log, Logger, Meter, TimeSource } from '../../domain/index.ts';
import type { Database, Deletions, FoundOriginal, Holds, QuarantineStore, Readings } from '../../storage/index.ts';
import type { TraceQueries } from '../../trace/index.ts';
import type { AlertViews } from './alert-views.ts';
import type { BacktestDesk } from './backtest-desk.ts';
import type { DeviceViews } from './device-views.ts';
import type { Directory } from './directory.ts';
import type { FactDesk } from './fact-desk.ts';
import type { Live } from './live.ts';
import type { PortalViews } from './portal-views.ts';
import type { ReconciliationDesk } from './reconciliation-desk.ts';
import type { RuleDesk } from './rule-desk.ts';
import type { SerialViews } from './serial-views.ts';
import type { ShipmentViews } from './shipment-views.ts';

/** How the installation runs, as far as people see it. */
export interface Mode {
  readonly isDemo: boolean;
  /** Demo mode: the password of every demo account; default `demo`. */
  readonly demoPassword?: string;
}

/** Where messages are found as they were received. */
export interface OriginalSource {
  /** Those that speak of `subject` in [from, to], epoch ms UTC; oldest first. */
  of(subject: string, from: number, to: number): AsyncIterable<FoundOriginal>;
  /** Those that bring the reading of a metric (code) at exactly this time; oldest first. */
  ofReading(
    device: string,
    metric: number,
    time: number,
  ): AsyncIterable<{ readonly original: FoundOriginal; readonly value: number }>;
}

/** What the routes work with. */
export interface Services {
  readonly accounts: Accounts;
  readonly alertBook: AlertBook;
  readonly alertViews: AlertViews;
  readonly backtestDesk: BacktestDesk;
  readonly database: Database;
  readonly deviceViews: DeviceViews;
  readonly directory: Directory;
  readonly deletions: Deletions;
  readonly factDesk: FactDesk;
  readonly holds: Holds;
  readonly live: Live;
  readonly log: Log;
  readonly logger: Logger;
  readonly meter: Meter;
  readonly mode: Mode;
  readonly originals: OriginalSource;
  readonly portalViews: PortalViews;
  readonly quarantine: QuarantineStore;
  readonly readings: Readings;
  readonly reconciliationDesk: ReconciliationDesk;
  readonly ruleDesk: RuleDesk;
  readonly serialViews: SerialViews;
  readonly shipmentViews: ShipmentViews;
  readonly time: TimeSource;
  readonly trace: TraceQueries;
}
