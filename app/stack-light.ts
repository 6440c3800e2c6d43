import { randomUUID } from 'node:crypto';
import {
  type Counter,
  commandsTopic,
  type Downlink,
  encodeJson,
  type Logger,
  lightOf,
  type Meter,
  type TimeSource,
} from '../domain/index.ts';
import type { GatewayCommand } from '../gateways/index.ts';
import type { PassVerdict } from '../trace/index.ts';

/** A pass that was over this long ago is no answer to who stands at the door now: a gateway that was cut off sends an hour of them. */
const OVER_MS = 10 * 60_000;
/** How long a verdict stays on the light at a door, ms: a pallet has left by then. */
const LIGHT_FOR_MS = 15_000;
/** What one process tells the others: its gateways are at their brokers (docs/scaling.md). */
export const LIGHT_CHANNEL = 'isotherm_lights';

export interface StackLight {
  /** Shows the tracer's verdict at the portal it is about. */
  show(verdict: PassVerdict): void;
  /** Which gateways there are, as they say themselves. */
  heard(gateway: string, state: 'online' | 'offline'): void;
  connect(broker: Downlink): void;
  /** A command that a process told, for the gateways that are at the broker of this one. */
  pass(told: string): void;
}

/**
 * Sends the verdict down to the doors, in whichever process their gateways are. Every online gateway is told; the one whose readers
 * serve the portal acts on it.
 * A gateway that cannot be reached shows amber by itself, so a command that is lost is counted and not kept.
 */
export function stackLight({
  meter,
  logger,
  time,
  tell = async () => {},
}: {
  readonly meter: Meter;
  readonly logger: Logger;
  readonly time: TimeSource;
  /** To all processes on the same database. */
  readonly tell?: (command: string) => Promise<void>;
}): StackLight {
  const self = randomUUID();
  const online = new Set<string>();
  const lost: Counter = meter.counter({
    name: 'isotherm_app_light_commands_lost',
    help: 'Stack light commands whose gateway could not be reached.',
  });
  let broker: Downlink | null = null;
  const send = (payload: Uint8Array) => {
    if (broker === null) return;
    for (const gateway of online) {
      broker.publish(commandsTopic('gateway', gateway), payload).catch((error: unknown) => {
        lost.add();
        logger.debug({ gateway, error }, 'a stack light command was not delivered');
      });
    }
  };
  return {
    connect(to) {
      broker = to;
    },
    heard(gateway, state) {
      if (state === 'online') online.add(gateway);
      else online.delete(gateway);
    },
    show(verdict) {
      if (time.now() - verdict.to > OVER_MS) return;
      const command = lightFor(verdict);
      send(encodeJson(command));
      // The gateway of this door may be at the broker of another process.
      tell(JSON.stringify({ from: self, command })).catch((error: unknown) => {
        lost.add();
        logger.debug({ error }, 'a stack light command was not told to the other processes');
      });
    },
    pass(told) {
      let given: { readonly from?: string; readonly command?: GatewayCommand };
      try {
        given = JSON.parse(told) as typeof given;
      } catch (error) {
        logger.debug({ error }, 'another process told a stack light command that is no JSON');
        return;
      }
      if (given.from !== self && given.command !== undefined) send(encodeJson(given.command));
    },
  };
}

function lightFor({ clearance, portal, ...verdict }: PassVerdict): GatewayCommand {
  const colour = lightOf(verdict, clearance);
  return { command: 'light', portal: portal.id, colour, buzzer: colour === 'red', forMs: LIGHT_FOR_MS };
}
