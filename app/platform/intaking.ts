import type { Reply } from '../../codecs/payloads/index.ts';
import { Intake, Mapper, type Mapping, OwnClock } from '../../ingest/index.ts';
import { DeviceVitalsStore } from '../../storage/index.ts';
import type { DoorManifests } from '../door-manifests.ts';
import { GatewaysHeard, gatewaySaid } from '../gateways-heard.ts';
import type { StackLight } from '../stack-light.ts';
import type { Storage } from './storage.ts';
import { type Surroundings, tools } from './surroundings.ts';

/** How old may be what is shown of clocks and signals, ms. */
const KEEP_VITALS_EVERY_MS = 20_000;

/** What takes messages in, whatever door they come by: in every process, since HTTP is. */
export interface Intaking {
  readonly intake: Intake;
  readonly clock: OwnClock;
  readonly mapper: Mapper;
  /** What gateways last said of themselves. */
  readonly gateways: GatewaysHeard;
  /** How what a dialect has to say reaches a sender; until it is said, nothing does, and senders are asked again. */
  repliesBy(send: (reply: Reply) => Promise<void>): void;
}

export function startIntake(
  surroundings: Surroundings,
  { accounts, database, log }: Pick<Storage, 'accounts' | 'database' | 'log'>,
  light: StackLight,
  manifests: DoorManifests,
  mappings: readonly Mapping[],
): Intaking {
  const { lifetime, logger, time } = surroundings;
  const clock = new OwnClock(time);
  const mapper = new Mapper({ mappings, time });
  lifetime.started(() => mapper.stop());
  const gateways = new GatewaysHeard(time);
  let send: ((reply: Reply) => Promise<void>) | null = null;
  const intake = new Intake({
    ...tools(surroundings, 'ingest'),
    ...{ log, clock, speaksFor: accounts.spokenFor },
    ...(mappings.length > 0 && { mapper }),
    onGatewayStatus: (gateway, status) => {
      light.heard(gateway, status.state);
      gateways.heard(gateway, status);
      manifests.heard(gateway, gatewaySaid(status));
    },
    onReply: (reply) => {
      send?.(reply).catch((error: unknown) =>
        logger.debug({ topic: reply.topic, err: error }, 'a request was not sent'),
      );
    },
  });
  lifetime.started(() => intake.stop());
  const vitals = new DeviceVitalsStore({ database });
  const keeping = time.every('device vitals: keep', KEEP_VITALS_EVERY_MS, () => {
    // Lost where the database is away: the next messages say it again.
    vitals
      .keep(intake.vitals.changed())
      .catch((error: unknown) => logger.debug({ err: error }, 'vitals were not kept'));
  });
  lifetime.started(async () => keeping.cancel());
  return {
    intake,
    clock,
    mapper,
    gateways,
    repliesBy: (by) => {
      send = by;
    },
  };
}
