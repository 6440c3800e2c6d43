import type { Collector } from '../collector.ts';

/** Raw bytes of a LoRaWAN uplink, and where they came from. */
export interface UplinkBytes {
  readonly bytes: Uint8Array;
  readonly port: number;
  readonly device: string;
  readonly time: number | null;
  /** Where the bytes stand in the message. */
  readonly field: string;
}

export type UplinkDecoder = (uplink: UplinkBytes, into: Collector) => void;
