import type { Accounts } from '../../access/index.ts';
import type { Timer } from '../../domain/index.ts';
import { isLoopback } from '../addresses.ts';
import type { MqttDoor, MqttUrls } from './mqtt-door.ts';
import type { Surroundings } from './surroundings.ts';

/** A user made at the command line is noticed within this. */
const LOOK_EVERY_MS = 1_000;

/**
 * Opens MQTT; to other machines not before there is a user, and then without a restart.
 * @returns where it listens; null while it is closed
 */
export async function openMqtt(
  surroundings: Surroundings,
  accounts: Accounts,
  mqtt: MqttDoor,
): Promise<MqttUrls | null> {
  const { config, lifetime, logger, time, troubles } = surroundings;
  const { firstAdmin } = accounts;
  const isOurs = config.mqtt.url === null;
  if (!isOurs || isLoopback(config.mqtt.host) || !(await firstAdmin.isAwaited())) return mqtt.open();
  logger.info({ host: config.mqtt.host, port: config.mqtt.port }, 'MQTT stays closed until there is a user');
  let looking: Promise<void> | null = null;
  const timer: Timer = time.every('first user', LOOK_EVERY_MS, () => {
    looking ??= look().finally(() => {
      looking = null;
    });
  });
  const look = async () => {
    // A database that is away has no user either.
    const isAwaited = await firstAdmin.isAwaited().catch(() => true);
    if (isAwaited || lifetime.ending.aborted) return;
    timer.cancel();
    try {
      const url = await mqtt.open();
      logger.info({ url }, 'there is a user: MQTT is open');
    } catch (error) {
      troubles.failed('mqtt', error, time.now());
      logger.error({ error }, 'MQTT could not be opened');
    }
  };
  lifetime.started(async () => {
    timer.cancel();
    await looking;
  });
  return null;
}
