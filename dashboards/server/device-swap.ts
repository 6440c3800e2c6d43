import { ConflictError, type Fact, InputError, type TimeSource } from '../../domain/index.ts';
import type { TraceQueries } from '../../trace/index.ts';
import { formatTime } from '../api/index.ts';
import type { DeviceViews } from './device-views.ts';
import type { FactCommands } from './fact-commands.ts';
import type { Received } from './received.ts';
import type { Lane } from './shipment-commands.ts';

export interface DeviceSwapOptions {
  readonly deviceViews: DeviceViews;
  readonly factCommands: FactCommands;
  readonly lane: Lane;
  readonly time: TimeSource;
  readonly trace: TraceQueries;
}

export interface SwapWish {
  /** The device that takes its place. */
  readonly by: string;
  /** When they were changed, epoch ms UTC; absent: now. */
  readonly from?: number | undefined;
  readonly reason: string;
}

export interface Swapped {
  readonly isApplied: boolean;
  readonly warnings: readonly string[];
}

/** So far ahead of our clock may be what was done just now, ms. */
const AHEAD_MS = 600_000;

/** A device that fails on the way gives its place to another: both facts in one record, or neither. */
export class DeviceSwap {
  readonly #options: DeviceSwapOptions;

  constructor(options: DeviceSwapOptions) {
    this.#options = options;
  }

  /**
   * Until `from` what the old one measured is of the unit or place, from then on what the new one does.
   * @throws {InputError} DEVICE_UNKNOWN one of them; ATTACHMENT_AHEAD; SWAP_SAME
   * @throws {ConflictError} DEVICE_NOT_ATTACHED the old one is on nothing, or was put there only later
   */
  async swap(device: string, { by, from: given, reason }: SwapWish, received: Received): Promise<Swapped> {
    const { deviceViews, factCommands, lane, time, trace } = this.#options;
    const now = time.now();
    const from = given ?? now;
    if (by === device)
      throw new InputError('SWAP_SAME', `by: ${by} is the device itself; allowed: another one`, { device });
    if (from > now + AHEAD_MS) {
      const message = `from: ${formatTime(from)} is still to come; allowed: up to now, ${formatTime(now)}`;
      throw new InputError('ATTACHMENT_AHEAD', message, { from });
    }
    // Both are looked at before: a slip of the pen in an id would leave the goods unwatched.
    await deviceViews.detail(device);
    await deviceViews.detail(by);
    return lane.alone(`swap ${device}`, async () => {
      await factCommands.settled();
      const attachments = new Map((await trace.attachments([device, by])).map((one) => [one.device, one]));
      const old = attachments.get(device);
      if (old === undefined) {
        throw new ConflictError('DEVICE_NOT_ATTACHED', `${device} is on nothing: there is no place to take`, {
          device,
        });
      }
      if (old.from > from) {
        const message = `from: ${device} was put on ${old.subject} at ${formatTime(old.from)}; allowed: from then on`;
        throw new ConflictError('DEVICE_NOT_ATTACHED', message, { device, since: formatTime(old.from) });
      }
      const { subject, shipment } = old;
      const common = { from, reason, ...(shipment !== null && { shipment }) };
      const facts: Fact[] = [
        { type: 'attachment', attachment: { device, subject: null, ...common }, by: received.source },
        { type: 'attachment', attachment: { device: by, subject, ...common }, by: received.source },
      ];
      const isApplied = await factCommands.record(facts, received);
      const before = attachments.get(by);
      const isMoved = before !== undefined && before.subject !== subject;
      return { isApplied, warnings: isMoved ? [`${by} was on ${before.shipment ?? before.subject} until then`] : [] };
    });
  }
}
