/**
 * `kill`, `freeze` a process (SIGKILL; SIGSTOP, later SIGCONT); `machine gone`: killed, and PostgreSQL is not told; `power loss`: killed,
 * and what it had not synced is gone; `past its lease`: who works stands still until another has taken its work; `primary stands still`:
 * until the stand-by has been promoted, and then it is back for a moment. Of a link: `cut` (reset, and nobody comes through), `hold` (nothing arrives, all of it later), `lose` (what is sent is lost,
 * nothing is closed), `delay`. `redis away`: killed, or one of these for all its links. `receiver fails`: whoever is told answers with an
 * error, not at all, or breaks off.
 */
export type FaultKind =
  | 'kill'
  | 'machine gone'
  | 'power loss'
  | 'freeze'
  | 'past its lease'
  | 'cut'
  | 'hold'
  | 'lose'
  | 'delay'
  | 'disk full'
  | 'bit in spool'
  | 'bit in archive'
  | 'bit in nats'
  | 'clock jump'
  | 'duplicates'
  | 'late delivery'
  | 'corrupt frames'
  | 'slow consumer'
  | 'receiver fails'
  | 'redis away'
  | 'primary stands still';

/** All that is not a reader, a logger or a server of NATS: where there is one machine. */
export const MACHINE = 'the machine';

/** Which of several it is, is seen when its turn comes. */
export const PRIMARY = 'postgres primary';
export const LEADER = 'nats leader';
export const REDIS = 'redis';
/** Whom everybody calls to tell people. */
export const RECEIVER_LINK = 'alerts>receiver';

/** An installation that faults are played to: which processes there are, and what each is told to do. */
export interface Shape {
  readonly name: string;
  /** `serve --only`. */
  readonly parts: Readonly<Record<string, string>>;
  /** Processes that take messages and requests. */
  readonly doors: readonly string[];
  /** Of each group one works and the others stand by; where rules have shares, each has some. */
  readonly workers: readonly (readonly string[])[];
  readonly postgres: readonly string[];
  /** None: the log of readings is in PostgreSQL. */
  readonly nats: readonly string[];
  /** `rules.shares` */
  readonly shares: number;
  /** Jobs of messages are in Redis; else in PostgreSQL. */
  readonly hasRedis: boolean;
  /** A gateway with its spool, and a reader. */
  readonly hasGateway: boolean;
  /** Each start of a process is on another machine, so that what it leaves behind is waited for (own-machine.ts). */
  readonly hasOwnMachines: boolean;
  /** A kind is as likely as it stands here often; two of the same card can meet in one seed. */
  readonly deck: readonly FaultKind[];
}

export const WORKER = 'ingest,trace,rules,alerts';
const DECK: readonly FaultKind[] = [
  ...(['kill', 'kill', 'kill', 'freeze', 'freeze', 'machine gone', 'cut', 'hold', 'lose', 'delay'] as const),
  ...(['power loss', 'power loss', 'disk full', 'bit in spool', 'bit in archive', 'clock jump', 'duplicates'] as const),
  ...(['late delivery', 'corrupt frames', 'slow consumer', 'receiver fails'] as const),
];

export const SHAPES: Readonly<Record<'small' | 'large', Shape>> = {
  small: {
    name: 'small',
    parts: { door: 'broker', first: `${WORKER},storage`, second: WORKER },
    doors: ['door'],
    workers: [['first', 'second']],
    postgres: ['postgres'],
    nats: [],
    ...{ shares: 1, hasRedis: false, hasGateway: true, hasOwnMachines: false },
    deck: DECK,
  },
  large: {
    name: 'large',
    parts: {
      ...{ 'door-1': 'broker,web', 'door-2': 'broker,web' },
      ...{ 'ingest-1': 'ingest,storage', 'ingest-2': 'ingest' },
      ...{ 'judge-1': 'trace,rules,alerts', 'judge-2': 'trace,rules,alerts' },
    },
    doors: ['door-1', 'door-2'],
    workers: [
      ['ingest-1', 'ingest-2'],
      ['judge-1', 'judge-2'],
    ],
    postgres: ['postgres-a', 'postgres-b'],
    nats: ['nats-1', 'nats-2', 'nats-3'],
    ...{ shares: 4, hasRedis: true, hasGateway: true, hasOwnMachines: false },
    deck: [
      ...[...DECK, ...(['kill', 'kill', 'freeze', 'cut', 'lose', 'bit in nats', 'bit in nats'] as const)],
      ...(['redis away', 'primary stands still'] as const),
    ],
  },
};

/** The same shape with another number of shares, or with jobs of messages in Redis. */
export function shapeWith(shape: Shape, { shares, hasRedis }: Pick<Shape, 'shares' | 'hasRedis'>): Shape {
  if (!hasRedis || shape.hasRedis) return { ...shape, shares };
  return { ...shape, shares, hasRedis, deck: [...shape.deck, 'redis away', 'redis away'] };
}

/** What can be killed or stood still. Of servers that follow a leader, the one that leads now counts once more. */
export function processesOf({ parts, postgres, nats, hasRedis }: Shape): string[] {
  const leading = [...(postgres.length > 1 ? [PRIMARY] : []), ...(nats.length > 0 ? [LEADER] : [])];
  return [...Object.keys(parts), 'gateway', ...postgres, ...nats, ...leading, ...(hasRedis ? [REDIS] : [])];
}

/** Processes that tell people of alerts. */
export function tellersOf({ parts }: Shape): string[] {
  return Object.keys(parts).filter((part) => parts[part]?.split(',').includes('alerts'));
}

/** Connections of those that tell people to where their jobs are; none where that is PostgreSQL. */
export function redisLinksOf(shape: Shape): string[] {
  return shape.hasRedis ? tellersOf(shape).map((part) => `${part}>${REDIS}`) : [];
}

/** Whose disk can lose power: not NATS's, which is no program that can be stood before (docs/chaos.md). */
export function poweredOf({ postgres }: Shape): string[] {
  return [...postgres, 'gateway', postgres.length > 1 ? PRIMARY : MACHINE];
}

/** Connections with a proxy in between, by who calls whom. */
export function linksOf(shape: Shape): string[] {
  const { parts, postgres, nats } = shape;
  const servers = [...postgres, ...nats];
  const between = (all: readonly string[]) => all.flatMap((one, n) => all.slice(n + 1).map((two) => `${one}>${two}`));
  return [
    ...Object.keys(parts).flatMap((part) => servers.map((server) => `${part}>${server}`)),
    ...between(postgres),
    ...between(nats),
    ...redisLinksOf(shape),
    ...['loggers>door', 'clients>door', 'gateway>door', 'gateway>reader', RECEIVER_LINK],
  ];
}
