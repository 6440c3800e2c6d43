import type { Accounts, OpenIdProvider } from '../../access/index.ts';
import {
  type AcknowledgeLinks,
  type AcknowledgePins,
  type AlertRouting,
  type AlertService,
  type Channels,
  type PersonalSettingsBook,
  type PushSubscriptions,
  type RoutingInForce,
  RoutingVersions,
  Silences,
} from '../../alerts/index.ts';
import type {
  AlertEnds,
  AuditTrail,
  CaseMentions,
  Facts,
  History,
  HistoryScan,
  Log,
  Logger,
  LoggerFiles,
  Meter,
  Outgoing,
  SeenFrom,
  TimeSource,
} from '../../domain/index.ts';
import type { CredentialRules } from '../../partners/index.ts';
import {
  type AlertVerdicts,
  type CaseTargets,
  CaseWork,
  type Decisions,
  FreshSignIns,
  RecordsToSign,
  SerialDecisions,
  SigningSessions,
  type Steps,
  TraceRequests,
} from '../../quality/index.ts';
import {
  AuditReviews,
  CalibrationFiles,
  type Database,
  type Deletions,
  DeviceVitalsStore,
  type FoundOriginal,
  type Holds,
  type InstallationKey,
  Ledger,
  LedgerIssuer,
  type LoggerFileStore,
  OrganisationStore,
  PageSettings,
  PostgresDeviceFacts,
  PostgresFindings,
  PostgresHistory,
  type QuarantineStore,
  type ReadDatabase,
  type Readings,
  type RefusalStore,
  SavedViews,
  ShipmentShares,
  type SigningKey,
  type Witness,
} from '../../storage/index.ts';
import {
  DeviceRecords,
  EpcisCatalogue,
  EpcisNamedQueries,
  EpcisQueries,
  EpcisSubscriptions,
  EpcisVocabularies,
  PostgresGoodsDesk,
  type SerialExposures,
  StayAir,
  TraceExposure,
  type TraceQueries,
} from '../../trace/index.ts';
import type { RetentionView } from '../api/index.ts';
import { AlertViews } from './alert-views.ts';
import { AnsweredRequests } from './answered-requests.ts';
import { Arrivals } from './arrivals.ts';
import { BacktestCommands } from './backtest-commands.ts';
import type { CaseAssessor } from './case-assessor.ts';
import { CaseJudgement } from './case-judgement.ts';
import { caseKeeping, USUAL_TARGETS } from './case-keeping.ts';
import { CaseViews } from './case-views.ts';
import type { DecisionActs } from './decision-acts.ts';
import { DecommissionDesk } from './decommission-desk.ts';
import { DeviceCalibrations } from './device-calibrations.ts';
import { DeviceSwap } from './device-swap.ts';
import { DeviceViews } from './device-views.ts';
import { DifferenceCounts } from './difference-counts.ts';
import { Directory, placesOf } from './directory.ts';
import { FactCommands } from './fact-commands.ts';
import { Form3911 } from './form-3911.ts';
import { HealthCommands } from './health-commands.ts';
import type { HealthSource } from './health-source.ts';
import { JourneyViews } from './journey-views.ts';
import { LaneViews } from './lane-views.ts';
import { Live } from './live.ts';
import { LoggerFileCommands } from './logger-file-commands.ts';
import { measured } from './measured.ts';
import { dashboardsMetrics } from './metrics.ts';
import { Neighbours } from './neighbours.ts';
import { OwnNoticeViews } from './own-notice-views.ts';
import { type PartnerDesk, partnerDesk } from './partner-desk.ts';
import { PassPhotos } from './pass-photos.ts';
import { isPortalSeen, PortalViews } from './portal-views.ts';
import { PRACTICE_MARK, type PracticeMode, type PracticeSource } from './practice.ts';
import { purposeOf } from './purpose.ts';
import { type Adopt, QuarantineCommands } from './quarantine-commands.ts';
import { ReaderTests } from './reader-tests.ts';
import { ReadingQualities } from './reading-qualities.ts';
import { type Explain, Reception, type TakeIn } from './reception.ts';
import { ReconciliationCommands } from './reconciliation-commands.ts';
import { ReportProgress } from './report/progress.ts';
import { ReportIssuer } from './report/report-ledger.ts';
import { ReportTables } from './report/report-tables.ts';
import { Reports } from './report/reports.ts';
import { ReviewReports } from './report/review-reports.ts';
import { RoutingViews } from './routing-views.ts';
import { RuleCommands } from './rule-commands.ts';
import { Search } from './search.ts';
import { SerialViews } from './serial-views.ts';
import { SettlingTurns } from './settling-turns.ts';
import { SetUpGate } from './setup-gate.ts';
import { SetUpProgress } from './setup-progress.ts';
import { ShareThrottle } from './share-throttle.ts';
import { ShareViews } from './share-views.ts';
import { Lane, ShipmentCommands } from './shipment-commands.ts';
import { ShipmentList } from './shipment-list.ts';
import { ShipmentViews } from './shipment-views.ts';
import { type SystemDesk, systemDesk } from './system-desk.ts';
import { SignInThrottle } from './throttle.ts';
import { VerificationDesk } from './verification-desk.ts';
import { WaitingGoods } from './waiting-goods.ts';

/** How the installation runs, as far as people see it. */
export interface Mode {
  readonly isDemo: boolean;
  /** Where people reach the page, as configured; absent or null: not said. */
  readonly publicUrl?: string | null;
  /** Demo mode: the password of every demo account; default `demo`. */
  readonly demoPassword?: string;
  /** Other machines reach the web server: while there is no user they are answered with the set-up page alone. */
  readonly isReachable?: boolean;
  /** It is configured for a pharmacy, which holds where nobody chose otherwise on the page. */
  readonly isPharmacy?: boolean;
  /** This is a practice site: nothing here is real. */
  readonly practice?: PracticeMode;
  /** Where MQTT is reached. Default: nowhere. */
  readonly mqttPorts?: () => { readonly mqtt: number; readonly tls: number | null };
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

/** What is kept how long, and what beyond that. */
export interface RetentionSource {
  view(): Promise<RetentionView>;
}

/** What other rooms do for the server. */
export interface ServiceSources {
  /** Another provider that vouches for people; absent or null: none. */
  readonly openId?: OpenIdProvider | null;
  readonly accounts: Accounts;
  /** The readings of an entry in quarantine that a person takes over. */
  readonly adopt: Adopt;
  /** What links out of messages may do. */
  readonly acknowledging: AcknowledgeLinks;
  /** What an answer to an SMS may do. */
  readonly acknowledgePins: AcknowledgePins;
  /** Who is told of an alert. */
  readonly alertRouting: AlertRouting;
  /** Ends alerts by what is signed of their evidence. Default: they stand whatever is said. */
  readonly alertEnds?: AlertEnds;
  readonly alertService: AlertService;
  readonly audit: AuditTrail;
  /** Within which time all serials of a case are to be decided. Default: 24 h. */
  readonly caseTargets?: CaseTargets;
  /** Tells people that a comment on a case mentions them. Default: they find it on the inbox alone. */
  readonly caseMentions?: CaseMentions;
  readonly channels: Channels;
  readonly database: Database;
  readonly deletions: Deletions;
  readonly exposures: SerialExposures;
  readonly facts: Facts;
  readonly health: HealthSource;
  readonly history: History;
  readonly holds: Holds;
  /** Seals secrets of partners. */
  readonly key: InstallationKey;
  readonly log: Log;
  /** Names of mappings, which are doors for webhooks as dialects are. */
  readonly mappings: readonly string[];
  readonly loggerFiles: LoggerFiles;
  readonly loggerFileStore: LoggerFileStore;
  readonly logger: Logger;
  readonly meter: Meter;
  readonly mode: Mode;
  readonly originals: OriginalSource;
  /** Judges addresses of partners before anything is sent there. */
  readonly outgoing: Outgoing;
  /** A GS1 Digital Link resolver that is asked who verifies a product; absent or null: none is. */
  readonly verificationResolver?: string | null;
  /** What is asked of who asks us to verify; default: a token is enough. */
  readonly credentials?: CredentialRules;
  /** How people are told by their own word. */
  readonly personalSettings: PersonalSettingsBook;
  /** The browsers that people are told on. */
  readonly pushSubscriptions: PushSubscriptions;
  /** A practice site beside this installation; null or absent: none is offered. */
  readonly practice?: PracticeSource | null;
  readonly quarantine: QuarantineStore;
  /** How long a test of a reader watches it, ms; default five seconds. */
  readonly readerWatchMs?: number;
  readonly readings: Readings;
  /** Where history, reports and statistics are read; default: in the database itself. */
  readonly reads?: ReadDatabase;
  readonly refusals: RefusalStore;
  readonly retention: RetentionSource;
  readonly routingInForce: RoutingInForce;
  readonly scan: HistoryScan;
  readonly explain: Explain;
  /** Takes readings of machines in, as the broker's messages are taken. */
  readonly takeIn: TakeIn;
  /** By dialect: what its messages are signed with. */
  readonly webhookSecrets: ReadonlyMap<string, string>;
  /** How long the state of shipments may be shown again, ms; 0 looks each time. */
  readonly shipmentsFreshMs?: number;
  readonly time: TimeSource;
  /** Gives leaves of the ledger that wait their places; says how many. */
  readonly placeLeaves: () => Promise<number>;
  /** What signs the ledger, and documents by a key that follows from it. */
  readonly signingKey: () => Promise<SigningKey>;
  /** Cosigns the ledgers of others; null or absent: of nobody. */
  readonly witness?: Witness | null;
  readonly trace: TraceQueries;
  /** Whether the tracer has applied everything up to this position of `trace`, within the time. */
  readonly tracerPassed: (position: number, timeoutMs: number) => Promise<boolean>;
}

/** What answers by site: the same for who sees the goods of some places as for who sees all, but for what is not there. */
export type Seen = Pick<
  Services,
  | 'alertService'
  | 'alertViews'
  | 'deviceSwap'
  | 'deviceViews'
  | 'journeyViews'
  | 'portalViews'
  | 'reconciliationCommands'
  | 'search'
  | 'serialViews'
  | 'shipmentCommands'
  | 'shipmentViews'
  | 'trace'
>;

/** What the routes work with: stores of other rooms, what people see of them (views), what people do (commands). */
export interface Services
  extends Pick<
      ServiceSources,
      | 'accounts'
      | 'acknowledging'
      | 'acknowledgePins'
      | 'webhookSecrets'
      | 'alertService'
      | 'audit'
      | 'channels'
      | 'database'
      | 'deletions'
      | 'explain'
      | 'holds'
      | 'loggerFiles'
      | 'loggerFileStore'
      | 'mode'
      | 'originals'
      | 'personalSettings'
      | 'pushSubscriptions'
      | 'quarantine'
      | 'readings'
      | 'retention'
      | 'time'
      | 'trace'
    >,
    PartnerDesk,
    SystemDesk {
  readonly silences: Silences;
  readonly reads: ReadDatabase;
  /** What who sees the goods of these places works with. */
  readonly at: (seenFrom: SeenFrom) => Seen;
  readonly alertVerdicts: AlertVerdicts;
  readonly answered: AnsweredRequests;
  readonly alertViews: AlertViews;
  readonly auditReviews: AuditReviews;
  readonly backtestCommands: BacktestCommands;
  readonly caseAssessor: CaseAssessor;
  readonly caseJudgement: CaseJudgement;
  readonly caseViews: CaseViews;
  readonly caseWork: CaseWork;
  readonly decisionActs: DecisionActs;
  readonly decisions: Decisions;
  readonly form3911: Form3911;
  readonly traceRequests: TraceRequests;
  readonly decommissions: DecommissionDesk;
  readonly verifications: VerificationDesk;
  readonly freshSignIns: FreshSignIns;
  readonly recordsToSign: RecordsToSign;
  readonly signingSessions: SigningSessions;
  readonly steps: Steps;
  readonly deviceCalibrations: DeviceCalibrations;
  readonly deviceSwap: DeviceSwap;
  readonly deviceViews: DeviceViews;
  readonly directory: Directory;
  readonly epcisCatalogue: EpcisCatalogue;
  readonly epcisNamedQueries: EpcisNamedQueries;
  readonly epcisQueries: EpcisQueries;
  readonly epcisSubscriptions: EpcisSubscriptions;
  readonly epcisVocabularies: EpcisVocabularies;
  readonly factCommands: FactCommands;
  readonly healthCommands: HealthCommands;
  readonly ledger: Ledger;
  readonly witness: Witness | null;
  readonly journeyViews: JourneyViews;
  readonly laneViews: LaneViews;
  readonly live: Live;
  readonly neighbours: Neighbours;
  readonly organisation: OrganisationStore;
  readonly pageSettings: PageSettings;
  readonly savedViews: SavedViews;
  readonly shares: ShipmentShares;
  readonly shareThrottle: ShareThrottle;
  readonly shareViews: ShareViews;
  readonly loggerFileCommands: LoggerFileCommands;
  readonly passPhotos: PassPhotos;
  readonly portalViews: PortalViews;
  readonly practice: PracticeSource | null;
  readonly quarantineCommands: QuarantineCommands;
  readonly reception: Reception;
  readonly readerTests: ReaderTests;
  readonly reconciliationCommands: ReconciliationCommands;
  readonly qualities: ReadingQualities;
  readonly reportProgress: ReportProgress;
  readonly reports: Reports;
  readonly reportTables: ReportTables;
  readonly reviewReports: ReviewReports;
  readonly routingVersions: RoutingVersions;
  readonly routingViews: RoutingViews;
  readonly ownNoticeViews: OwnNoticeViews;
  readonly ruleCommands: RuleCommands;
  readonly search: Search;
  readonly serialViews: SerialViews;
  readonly shipmentCommands: ShipmentCommands;
  readonly shipmentList: ShipmentList;
  readonly shipmentViews: ShipmentViews;
  readonly setUpGate: SetUpGate;
  readonly setUpProgress: SetUpProgress;
  readonly setUpThrottle: SignInThrottle;
  readonly openId: OpenIdProvider | null;
  readonly throttle: SignInThrottle;
}

/** The server's own services, made from what other rooms hand in. */
export function webServices(sources: ServiceSources): Services {
  const { accounts, acknowledging, alertService, audit, channels, database, log, time, logger, meter } = sources;
  const {
    deletions,
    explain,
    holds,
    loggerFiles,
    loggerFileStore,
    mode,
    originals,
    pushSubscriptions,
    quarantine,
    readings,
    retention,
    trace,
    reads = database,
  } = sources;
  const setUpGate = new SetUpGate(accounts, mode.isReachable ?? false);
  const neighbours = new Neighbours({ database, logger });
  const directory = new Directory({ ...sources, onChanged: () => neighbours.tell({ what: 'registered' }) });
  const known = { ...sources, directory, vitals: new DeviceVitalsStore({ database }) };
  const goods = new PostgresGoodsDesk({ ...sources, findings: new PostgresFindings({ database }) });
  const organisation = new OrganisationStore(sources);
  const auditReviews = new AuditReviews(sources);
  const mark = mode.practice === undefined ? null : PRACTICE_MARK;
  const issuer = new ReportIssuer({ mark, ledger: new LedgerIssuer({ database, time, place: sources.placeLeaves }) });
  const factCommands = new FactCommands(known);
  const lane = new Lane(database);
  const people = async () => {
    const users = await accounts.users.list();
    const registered = await directory.registered();
    const active = users.filter(({ isDisabled }) => !isDisabled);
    return new Map(active.map(({ name, sites }) => [name, placesOf(registered, sites)]));
  };
  const caseWork = new CaseWork({
    ...{ audit, database, time, people, ...(sources.caseTargets ?? USUAL_TARGETS) },
    ...(sources.caseMentions !== undefined && { mentions: sources.caseMentions }),
  });
  const { alertVerdicts, caseAssessor, decisionActs, decisions, steps } = caseKeeping({ ...sources, factCommands });
  const desk = partnerDesk({
    ...{ ...sources, factCommands, issuer, lane, organisation },
    async openCases(wishes, by, act) {
      await caseWork.openTogether(wishes, by, null, act);
      if (wishes.some(({ kind }) => kind === 'suspect product')) await decisionActs.run();
    },
  });
  const stayAir = new StayAir(sources);
  const signingSessions = new SigningSessions(sources);
  const serialDecisions = new SerialDecisions(sources);
  const qualities = new ReadingQualities({ ...sources, devices: new PostgresDeviceFacts({ client: database.pool }) });
  const differenceCounts = new DifferenceCounts(sources);
  const arrivals = new Arrivals(sources);
  const waitingGoods = new WaitingGoods({ ...sources, differenceCounts });
  const settlingTurns = new SettlingTurns({ database });
  const at = (seenFrom: SeenFrom): Seen => {
    const seen = { alertService: alertService.at(seenFrom), trace: trace.at(seenFrom) };
    const theirs = { ...known, ...seen, factCommands, seenFrom, stayAir };
    const alertViews = new AlertViews(theirs);
    const portalViews = new PortalViews(theirs);
    const deviceViews = new DeviceViews(theirs);
    return {
      ...{ ...seen, alertViews, deviceViews, portalViews },
      deviceSwap: new DeviceSwap({ ...theirs, deviceViews, lane }),
      journeyViews: new JourneyViews({ ...theirs, qualities, serialDecisions, steps }),
      reconciliationCommands: new ReconciliationCommands({ ...theirs, portalViews, settlingTurns }),
      search: new Search({ ...theirs, alertViews }),
      serialViews: new SerialViews({ ...theirs, alertViews, serialDecisions, steps }),
      shipmentCommands: new ShipmentCommands({ ...theirs, deviceViews, lane }),
      shipmentViews: new ShipmentViews({ ...theirs, arrivals, waitingGoods }),
    };
  };
  const channelIds = async () => (await channels.list()).map(({ id }) => id);
  const routingVersions = new RoutingVersions({
    ...{ audit, database, time, channels: channelIds },
    file: sources.routingInForce.file,
  });
  const caseJudgement = new CaseJudgement({
    ...{ ...sources, assessor: caseAssessor, decisions, signingSessions, steps },
    hasProvider: (sources.openId ?? null) !== null,
  });
  const epcisSubscriptions = new EpcisSubscriptions(sources);
  const all = at(null);
  const { shipmentViews } = all;
  const shipmentList = new ShipmentList({ ...known, shipmentViews });
  const live = new Live({
    ...{ accounts, database, log, time, logger, metrics: dashboardsMetrics(meter) },
    isClosed: () => setUpGate.isClosed(),
    onDevice: (id) => neighbours.tell({ what: 'device', id }),
    sources: {
      placesOf: async (sites) => placesOf(await directory.registered(), sites),
      alert: async (id, seenFrom) => {
        const { alertService, alertViews } = at(seenFrom);
        const alert = await alertService.find(id);
        const [view] = alert === null ? [] : await alertViews.list([alert]);
        return view ?? null;
      },
      pass: (id, seenFrom) => at(seenFrom).portalViews.passOrNull(id),
      seenShipments: (ids, seenFrom) => at(seenFrom).trace.seenShipments(ids),
      seenDevices: (ids, seenFrom) => at(seenFrom).trace.seenDevices(ids),
      isPortalSeen: async (id, seenFrom) => {
        const portal = (await directory.registered()).portals.get(id);
        return portal !== undefined && isPortalSeen(portal, seenFrom);
      },
      devices: async () => {
        const heard = (await readings.latest()).map(({ device }) => device);
        return [...new Set([...(await directory.registered()).devices.keys(), ...heard])];
      },
      changed: (shipment) => {
        if (shipment !== undefined) differenceCounts.changed(shipment);
        shipmentList.forget();
      },
      judged: (device, metric, at, value) => {
        const registered = directory.lately();
        if (registered === null) return { value, received: undefined };
        const { isSuspect, ...judged } = measured(registered, device, metric, at, value);
        return isSuspect ? null : judged;
      },
      devicesOf: (shipment) => shipmentViews.devicesOf(shipment),
    },
  });
  const throttle = new SignInThrottle({ time, onTry: (news) => neighbours.tell({ what: 'try', ...news }) });
  neighbours.onNews((news) => {
    if (news.what === 'registered') directory.changedElsewhere();
    else if (news.what === 'device') live.deviceChangedElsewhere(news.id);
    else throttle.triedElsewhere(news);
  });
  const shares = new ShipmentShares({ audit, database, time });
  const records = new DeviceRecords({ database, history: new PostgresHistory({ database: reads }) });
  const reports = new Reports({
    ...{ audit, database, decisions, directory, organisation, time },
    ...{ assessor: caseAssessor, judgement: caseJudgement },
    ...{ issuer, records },
  });
  return {
    ...all,
    ...{
      accounts,
      acknowledging,
      acknowledgePins: sources.acknowledgePins,
      webhookSecrets: sources.webhookSecrets,
      at,
      audit,
      channels,
      deletions,
      explain,
      holds,
      loggerFiles,
      loggerFileStore,
      mode,
      originals,
      personalSettings: sources.personalSettings,
      pushSubscriptions,
    },
    ...{ quarantine, readings, retention, time, directory, factCommands, shipmentList },
    auditReviews,
    reviewReports: new ReviewReports({ audit, issuer, organisation, reviews: auditReviews }),
    silences: new Silences({ audit, database, time }),
    backtestCommands: new BacktestCommands({ ...known, goods, exposure: new TraceExposure(sources) }),
    ...{ alertVerdicts, caseAssessor, decisionActs, decisions, steps },
    traceRequests: new TraceRequests({ audit, database, time }),
    decommissions: new DecommissionDesk({ audit, database, factCommands, logger, markets: desk.markets, time, trace }),
    verifications: new VerificationDesk({
      ...{ audit, database, organisation, outgoing: sources.outgoing, partners: desk.partners, time, trace },
      resolver: sources.verificationResolver ?? null,
      credentials: sources.credentials ?? { isRequired: false, trust: null },
      audiences: sources.mode.publicUrl == null ? [] : [sources.mode.publicUrl],
    }),
    form3911: new Form3911({ database, organisation, time, mark }),
    freshSignIns: new FreshSignIns(sources),
    recordsToSign: new RecordsToSign(sources),
    signingSessions,
    ...{ database, reads, caseJudgement, caseViews: new CaseViews({ ...known, judge: caseJudgement }) },
    caseWork,
    deviceCalibrations: new DeviceCalibrations({
      ...{ ...known, factCommands },
      calibrationFiles: new CalibrationFiles({ database }),
    }),
    epcisCatalogue: new EpcisCatalogue({ database }),
    epcisNamedQueries: new EpcisNamedQueries({ audit, database, time }),
    epcisSubscriptions,
    epcisVocabularies: new EpcisVocabularies({ database }),
    epcisQueries: new EpcisQueries({ database, reads }),
    ledger: new Ledger({ database }),
    witness: sources.witness ?? null,
    neighbours,
    laneViews: new LaneViews({ database: reads, directory, qualities, readings, time, trace }),
    live,
    loggerFileCommands: new LoggerFileCommands({ ...known, factCommands, live }),
    quarantineCommands: new QuarantineCommands(known),
    reception: new Reception(known),
    healthCommands: new HealthCommands({ ...sources, epcisSubscriptions }),
    readerTests: new ReaderTests(sources),
    qualities,
    reportProgress: new ReportProgress(),
    reports,
    routingVersions,
    ownNoticeViews: new OwnNoticeViews(sources),
    routingViews: new RoutingViews({ ...known, channelIds, routingVersions }),
    reportTables: new ReportTables({
      database,
      decisions,
      judgement: caseJudgement,
      events: new EpcisQueries({ database, reads }),
    }),
    ruleCommands: new RuleCommands({ ...known, factCommands, goods, exposure: new TraceExposure(sources) }),
    organisation,
    ...desk,
    ...systemDesk({ ...sources, factCommands, lane }),
    pageSettings: new PageSettings(sources),
    passPhotos: new PassPhotos(sources),
    savedViews: new SavedViews(sources),
    shares,
    shareThrottle: new ShareThrottle({ time }),
    shareViews: new ShareViews({
      ...{ accounts, at, directory, organisation, qualities, readings, records, reports, shares, time },
    }),
    setUpGate,
    setUpProgress: new SetUpProgress({ ...known, organisation, purpose: () => purposeOf({ mode, organisation }) }),
    setUpThrottle: new SignInThrottle({ time }),
    openId: sources.openId ?? null,
    practice: sources.practice ?? null,
    answered: new AnsweredRequests({ database, time }),
    throttle,
  };
}
