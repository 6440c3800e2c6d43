import { z } from 'zod';
import { InputError, MESSAGE_LANGUAGES } from '../domain/index.ts';

const id = z.string().regex(/^[A-Za-z0-9._:-]{1,128}$/, 'letters, digits and . _ : -, at most 128 of them');
const tcpPort = z.int().min(1).max(65535);
const gpioPort = z.int().min(1).max(65535);
const ms = z.int().min(0);

/** One antenna of a reader: where it looks. */
const antennaSchema = z.strictObject({
  /** LLRP AntennaID, from 1. */
  antenna: z.int().min(1).max(65535),
  portal: z.string().min(1).optional(),
  side: z.enum(['inside', 'outside']).optional(),
  /** Transmit power, dBm; default the reader's `powerDbm`. */
  powerDbm: z.number().min(0).max(40).optional(),
});

const gpiSchema = z.strictObject({
  port: gpioPort,
  /** Changes shorter than this are not reported (light curtains bounce). */
  debounceMs: ms.default(50),
});

/** Reads only while something is there: an input starts and stops the inventory. */
const triggerSchema = z.strictObject({
  port: gpioPort,
  /** The level that means "something is there". */
  activeHigh: z.boolean().default(true),
  /** Stop at the latest after this long, even without the opposite edge. */
  timeoutMs: z.int().min(100).max(3_600_000).default(60_000),
});

const readerTlsSchema = z.strictObject({
  /** PEM file of the authority that signed the reader's certificate; default the system's. */
  ca: z.string().optional(),
  servername: z.string().optional(),
  /** false takes any certificate: the line is encrypted, the reader is not proven. */
  verify: z.boolean().default(true),
});

const readerSchema = z
  .strictObject({
    id,
    /** Address of the reader; absent where the reader calls the gateway (`listenPort`). */
    host: z.string().min(1).optional(),
    /** Default 5084, with TLS 5085. */
    port: tcpPort.optional(),
    /** Reader-initiated connections: the gateway listens here instead of calling. */
    listenPort: z.int().min(0).max(65535).optional(),
    listenHost: z.string().default('127.0.0.1'),
    tls: z.union([z.boolean(), readerTlsSchema]).default(false),
    antennas: z.array(antennaSchema).min(1),
    powerDbm: z.number().min(0).max(40).default(27),
    /** Gen2 session: 1 suits portals (a tag that was read keeps quiet for a moment), 2 dense ones. */
    session: z.int().min(0).max(3).default(1),
    /** Tags in the field at once, roughly. */
    population: z.int().min(1).max(65535).default(64),
    /** Impinj readers only. */
    searchMode: z.enum(['reader', 'single', 'dual', 'focus']).default('dual'),
    /** Air mode, the reader's own ModeIdentifier; default its first. */
    mode: z.int().min(0).optional(),
    impinj: z.enum(['auto', 'on', 'off']).default('auto'),
    /** Words of the tags' own number (TID memory) to read; 0: it is not read. */
    tidWords: z.int().min(0).max(12).default(0),
    gpi: z.array(gpiSchema).default([]),
    trigger: triggerSchema.optional(),
    /** Output ports of the stack light and buzzer. */
    outputs: z
      .strictObject({
        green: gpioPort.optional(),
        amber: gpioPort.optional(),
        red: gpioPort.optional(),
        buzzer: gpioPort.optional(),
      })
      .default({}),
    keepaliveMs: z.int().min(1000).max(600_000).default(30_000),
    /** Most time an answer may take. */
    answerMs: z.int().min(100).max(120_000).default(10_000),
    /** A reader clock within this of the gateway's is believed; one further off is corrected by the difference. */
    clockToleranceMs: ms.default(500),
    /** Reads of one tag at one antenna this close together are one sighting. */
    sightingGapMs: z.int().min(100).max(600_000).default(2000),
    /** A sighting this long is cut, and the next one begins. */
    sightingCapMs: z.int().min(1000).max(3_600_000).default(60_000),
  })
  .superRefine((reader, context) => {
    if ((reader.host === undefined) === (reader.listenPort === undefined)) {
      context.addIssue({ code: 'custom', path: ['host'], message: 'give either host or listenPort' });
    }
    const antennas = reader.antennas.map(({ antenna }) => antenna);
    const again = antennas.findIndex((antenna, index) => antennas.indexOf(antenna) !== index);
    if (again >= 0) {
      context.addIssue({
        code: 'custom',
        path: ['antennas', again, 'antenna'],
        message: 'this antenna is there twice',
      });
    }
  });

/** What `isotherm gateway --config FILE` reads: which platform, which readers, where the spool lies. */
export const gatewayConfigSchema = z
  .strictObject({
    id,
    mqtt: z
      .strictObject({
        url: z.string().regex(/^(mqtts?|wss?|tcp|tls):\/\/.+/, 'an address such as mqtt://127.0.0.1:1883'),
        /** Default the gateway's id. */
        username: z.string().optional(),
        password: z.string().optional(),
        /** PEM file of the authority that signed the broker's certificate. */
        ca: z.string().optional(),
        /** PEM files of a certificate that names the gateway's id, instead of a password, and its key. */
        cert: z.string().optional(),
        key: z.string().optional(),
        /** Sign batches with the password's key: where the platform takes them from a broker that is not its own. */
        sign: z.boolean().default(false),
      })
      .refine(({ sign, password }) => !sign || password !== undefined, {
        error: 'sign needs the password, whose key it signs with',
        path: ['sign'],
      }),
    /** Directory of the spool. */
    dataDir: z.string().min(1).default('./data/gateway'),
    spool: z
      .strictObject({
        maxBytes: z.int().min(1_000_000).default(1_000_000_000),
      })
      .default({ maxBytes: 1_000_000_000 }),
    /** What its doors expect while the platform is away. */
    manifest: z
      .strictObject({
        /** Public keys of the platform, as `isotherm gateway key` prints them; none: the first one that is heard. */
        keys: z
          .array(z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'a public key of 43 letters, digits, - and _'))
          .default([]),
        /** From this age on it is old, and nothing is green any more. */
        oldAfterMs: z
          .int()
          .min(60_000)
          .default(4 * 3_600_000),
      })
      .prefault({}),
    /** In which the reasons of lights are written while the platform is away. */
    language: z.enum(MESSAGE_LANGUAGES).default('en'),
    /** How long new reads are gathered before they are written and sent. */
    gatherMs: z.int().min(5).max(5000).default(50),
    /** How often a tag that stays in the field is reported again. */
    updateMs: z.int().min(100).max(60_000).default(1000),
    /** Platform away for this long: the stack lights show amber. */
    cutOffMs: z.int().min(0).default(5000),
    readers: z.array(readerSchema).min(1),
  })
  .superRefine((config, context) => {
    const ids = config.readers.map((reader) => reader.id);
    const again = ids.findIndex((one, index) => ids.indexOf(one) !== index);
    if (again >= 0) {
      context.addIssue({ code: 'custom', path: ['readers', again, 'id'], message: 'another reader has this id' });
    }
  });

export type GatewayConfig = z.output<typeof gatewayConfigSchema>;
export type ReaderProfile = z.output<typeof readerSchema>;

/**
 * Checks a configuration that has been read from YAML.
 * @param source the file, for the message
 * @throws {InputError} GATEWAY_CONFIG_INVALID one line: each wrong key, what is wrong with it
 */
export function parseGatewayConfig(value: unknown, source: string): GatewayConfig {
  const result = gatewayConfigSchema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => {
    const unknown = issue.code === 'unrecognized_keys' ? [issue.keys.join(', ')] : [];
    const key = pathOf([...issue.path, ...unknown]);
    if (issue.code === 'unrecognized_keys') return `${key}: no such key`;
    return `${key}: ${given(issue.input)}${issue.message}`;
  });
  throw new InputError('GATEWAY_CONFIG_INVALID', `${source}: ${lines.join('; ')}`, { source });
}

function given(input: unknown): string {
  if (input === undefined || typeof input === 'object') return '';
  return `${JSON.stringify(input)} given; `;
}

function pathOf(path: readonly PropertyKey[]): string {
  let text = '';
  for (const key of path) text += typeof key === 'number' ? `[${key}]` : `${text === '' ? '' : '.'}${String(key)}`;
  return text === '' ? '(top)' : text;
}
