import type { RaisingOptions } from './nats/divisions.ts';
import type { NatsServerSeen, NatsStreamSeen } from './nats/inspection.ts';
import type { NatsOptions } from './nats/options.ts';
import type { WayBackOptions } from './nats/way-back.ts';
import type { PostgresLogOptions } from './options.ts';

/** The log's home with its readings on NATS; its client is loaded with it, and not before. */
export async function natsHome(nats: NatsOptions): Promise<NonNullable<PostgresLogOptions['home']>> {
  const { NatsHome } = await import('./nats/home.ts');
  return (options) => new NatsHome({ ...options, nats });
}

/** As `nats/way-back.ts` says. */
export async function leaveStreams(options: WayBackOptions): Promise<number> {
  return (await import('./nats/way-back.ts')).leaveStreams(options);
}

/** As `nats/divisions.ts` says. */
export async function raiseStreams(options: RaisingOptions, partitions: number): Promise<number> {
  return (await import('./nats/divisions.ts')).raiseStreams(options, partitions);
}

/** As `nats/inspection.ts` says. */
export async function natsServers(nats: NatsOptions): Promise<readonly NatsServerSeen[]> {
  return (await import('./nats/inspection.ts')).natsServers(nats);
}

/** As `nats/inspection.ts` says. */
export async function natsStreams(nats: NatsOptions): Promise<readonly NatsStreamSeen[]> {
  return (await import('./nats/inspection.ts')).natsStreams(nats);
}
