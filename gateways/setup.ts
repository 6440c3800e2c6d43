import {
  EVENT,
  IMPINJ_ENABLE_EXTENSIONS,
  impinjGpiDebounce,
  impinjLinkMonitor,
  impinjStatusCode,
  KEEPALIVE,
  type MessageOf,
  type Parameter,
  type ParameterOf,
  parametersOf,
  REQUEST_ALL,
  ROSPEC_STATE,
  STATUS,
} from '../codecs/llrp/index.ts';
import { IsothermError, type Logger, UnavailableError } from '../domain/index.ts';
import { buildAccessSpec, reconcileAccess } from './access-spec.ts';
import { type ReaderCapabilities, readCapabilities } from './capabilities.ts';
import type { LlrpClient } from './client.ts';
import type { ReaderProfile } from './config.ts';
import { accessWords, buildRospec, needsStart } from './rospec.ts';

/** Keepalives an Impinj reader lets go unanswered before it drops the connection. */
const LINK_DOWN_AFTER = 3;

export interface SetUpOptions {
  readonly profile: ReaderProfile;
  /** Levels of output ports to set. */
  readonly outputs: ReadonlyMap<number, boolean>;
  /** Whether to ask for the protocol version; not every reader bears the question. */
  readonly asksVersion: boolean;
  /** With `impinj: auto`, whether to ask an Impinj reader for its extensions; not every one bears that either. */
  readonly asksImpinj: boolean;
  readonly logger: Logger;
}

export interface SetUp {
  readonly capabilities: ReaderCapabilities;
  /** It was still running our ROSpec: what it saw meanwhile is in its buffer. */
  readonly wasReading: boolean;
  readonly asksVersion: boolean;
}

/**
 * Brings a reader that has accepted the connection to read as its profile says: version, abilities, extensions,
 * events, keepalives and holding, then the ROSpec. What already runs as wanted is left running. Reports held are not
 * released.
 *
 * @throws {UnavailableError} LLRP_REFUSED with the reader's words, LLRP_TIMEOUT, LLRP_CONNECTION_LOST;
 *   LLRP_VERSION_UNASKABLE, LLRP_EXTENSIONS_UNASKABLE it hung up over the question for its version or Impinj's extensions
 */
export async function setUpReader(client: LlrpClient, options: SetUpOptions): Promise<SetUp> {
  const { profile, outputs, logger } = options;
  const asksVersion = options.asksVersion && (await answersVersion(client, options));
  const request = { name: 'GET_READER_CAPABILITIES', RequestedData: REQUEST_ALL } as const;
  const capabilities = readCapabilities(await client.must(request));
  const { used: wasReading, refusal } = await withExtensions(profile, capabilities, options.asksImpinj, async (use) => {
    if (use) await enableImpinj(client);
    await client.must(settings(profile, capabilities, use, outputs));
    const rospec = buildRospec(profile, capabilities, use);
    const isReading = await reconcile(client, profile, rospec);
    await readTids(client, options, rospec.ROSpecID, use);
    return isReading;
  });
  if (refusal !== null) logger.warn({ reader: profile.id, err: refusal }, 'reading without Impinj extensions');
  return { capabilities, wasReading, asksVersion };
}

/**
 * Tries on a reader what {@link setUpReader} will do to it: extensions, settings, the ROSpec, which is taken off again.
 * ROSpecs that are there stay.
 *
 * @returns why Impinj's extensions cannot be had, where `impinj: auto` reads without them; null otherwise
 * @throws {UnavailableError} as {@link setUpReader}
 */
export async function rehearseSetUp(
  client: LlrpClient,
  profile: ReaderProfile,
  capabilities: ReaderCapabilities,
): Promise<IsothermError | null> {
  const { refusal } = await withExtensions(profile, capabilities, true, async (use) => {
    if (use) await enableImpinj(client);
    await client.must(settings(profile, capabilities, use, new Map()));
    const wanted = buildRospec(profile, capabilities, use);
    const present = parametersOf(await client.must({ name: 'GET_ROSPECS' }), 'ROSpec');
    if (present.some(({ ROSpecID }) => ROSpecID === wanted.ROSpecID)) return;
    await client.must({ name: 'ADD_ROSPEC', parameters: [wanted] });
    await client.must({ name: 'DELETE_ROSPEC', ROSpecID: wanted.ROSpecID });
  });
  return refusal;
}

/** Sets a reader up with Impinj's extensions where they are wanted, and with `auto` without them where it refuses. */
async function withExtensions<Used>(
  profile: ReaderProfile,
  capabilities: ReaderCapabilities,
  asksImpinj: boolean,
  use: (useImpinj: boolean) => Promise<Used>,
): Promise<{ readonly used: Used; readonly refusal: IsothermError | null }> {
  if (profile.impinj === 'on') return { used: await use(true), refusal: null };
  if (profile.impinj === 'off' || !capabilities.isImpinj || !asksImpinj)
    return { used: await use(false), refusal: null };
  try {
    return { used: await use(true), refusal: null };
  } catch (error) {
    // What fails without the extensions too is said then.
    if (!(error instanceof IsothermError) || !FALLS_BACK.has(error.code)) throw error;
    return { used: await use(false), refusal: error };
  }
}

/** A reader that refuses, or that keeps silent over what it does not know. */
const FALLS_BACK: ReadonlySet<string> = new Set(['LLRP_REFUSED', 'LLRP_TIMEOUT']);

export function gpoData(outputs: ReadonlyMap<number, boolean>): Parameter[] {
  return [...outputs].map(([GPOPortNumber, GPOData]) => ({ name: 'GPOWriteData', GPOPortNumber, GPOData }));
}

/** The reader says inside its own message whether it does. */
async function enableImpinj(client: LlrpClient): Promise<void> {
  const answer = await client.must(IMPINJ_ENABLE_EXTENSIONS).catch((error: unknown) => {
    if (!(error instanceof IsothermError) || error.code !== 'LLRP_CONNECTION_LOST') throw error;
    const message = 'the reader hung up when asked for Impinj extensions';
    throw new UnavailableError('LLRP_EXTENSIONS_UNASKABLE', message, {}, error);
  });
  const code = answer.name === 'CUSTOM_MESSAGE' ? impinjStatusCode(answer) : null;
  if (code === null || code === STATUS.success) return;
  const message = `the reader refuses Impinj extensions with status ${code}; set impinj: off to read without them`;
  throw new UnavailableError('LLRP_REFUSED', message, { code });
}

/** Asks a 1.1 reader for its version and stays with 1.0.1; a 1.0.1 reader does not know the question. */
async function answersVersion(client: LlrpClient, { profile, logger }: SetUpOptions): Promise<boolean> {
  try {
    await client.request({ name: 'GET_SUPPORTED_VERSION' });
    return true;
  } catch (error) {
    if (!(error instanceof IsothermError)) throw error;
    if (error.code === 'LLRP_CONNECTION_LOST') {
      throw new UnavailableError('LLRP_VERSION_UNASKABLE', 'the reader hung up when asked for its version', {}, error);
    }
    if (client.closedBecause !== null) throw error;
    logger.debug({ reader: profile.id, err: error }, 'reader speaks LLRP 1.0.1');
    return false;
  }
}

function settings(
  profile: ReaderProfile,
  capabilities: ReaderCapabilities,
  useImpinj: boolean,
  outputs: ReadonlyMap<number, boolean>,
): MessageOf<'SET_READER_CONFIG'> {
  const wanted = [EVENT.gpi, EVENT.bufferWarning, EVENT.readerException, EVENT.antenna, EVENT.rospec];
  const states = wanted.map((EventType): Parameter => {
    return { name: 'EventNotificationState', EventType, NotificationState: true };
  });
  const ports = new Set([...profile.gpi.map(({ port }) => port), ...(profile.trigger ? [profile.trigger.port] : [])]);
  const parameters: Parameter[] = [
    { name: 'ReaderEventNotificationSpec', parameters: states },
    { name: 'KeepaliveSpec', KeepaliveTriggerType: KEEPALIVE.periodic, PeriodicTriggerValue: profile.keepaliveMs },
    ...gpoData(outputs),
    ...[...ports].map((GPIPortNum): Parameter => ({ name: 'GPIPortCurrentState', GPIPortNum, Config: true, State: 2 })),
  ];
  if (capabilities.canHold) parameters.push({ name: 'EventsAndReports', HoldEventsAndReportsUponReconnect: true });
  if (useImpinj) {
    parameters.push(impinjLinkMonitor(LINK_DOWN_AFTER));
    for (const { port, debounceMs } of profile.gpi) parameters.push(impinjGpiDebounce(port, debounceMs));
  }
  return { name: 'SET_READER_CONFIG', ResetToFactoryDefault: false, parameters };
}

/** A reader that cannot is of use without. */
async function readTids(
  client: LlrpClient,
  { profile, logger }: SetUpOptions,
  rospec: number,
  useImpinj: boolean,
): Promise<void> {
  const words = accessWords(profile, useImpinj);
  if (words === 0) return;
  const refusal = await reconcileAccess(client, buildAccessSpec(rospec, words));
  if (refusal !== null) logger.warn({ reader: profile.id, err: refusal }, 'reading without the TIDs of tags');
}

/** @returns whether it was running already */
async function reconcile(client: LlrpClient, profile: ReaderProfile, wanted: ParameterOf<'ROSpec'>): Promise<boolean> {
  const { ROSpecID } = wanted;
  const present = parametersOf(await client.must({ name: 'GET_ROSPECS' }), 'ROSpec');
  for (const other of present.filter((one) => one.ROSpecID !== ROSpecID)) {
    // Readers disagree on disabling what is disabled; what counts is that it goes.
    await client.request({ name: 'DISABLE_ROSPEC', ROSpecID: other.ROSpecID });
    await client.must({ name: 'DELETE_ROSPEC', ROSpecID: other.ROSpecID });
  }
  const ours = present.find((one) => one.ROSpecID === ROSpecID);
  if (ours === undefined) await client.must({ name: 'ADD_ROSPEC', parameters: [wanted] });
  const state = ours?.CurrentState ?? ROSPEC_STATE.disabled;
  if (state === ROSPEC_STATE.disabled) await client.must({ name: 'ENABLE_ROSPEC', ROSpecID });
  if (state !== ROSPEC_STATE.active && needsStart(profile)) await client.must({ name: 'START_ROSPEC', ROSpecID });
  return state === ROSPEC_STATE.active || (state === ROSPEC_STATE.inactive && !needsStart(profile));
}
