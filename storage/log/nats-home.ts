import type { NatsOptions } from './nats/options.ts';
import type { PostgresLogOptions } from './options.ts';

/** The log's home with its readings on NATS; its client is loaded with it, and not before. */
export async function natsHome(nats: NatsOptions): Promise<NonNullable<PostgresLogOptions['home']>> {
  const { NatsHome } = await import('./nats/home.ts');
  return (options) => new NatsHome({ ...options, nats });
}
