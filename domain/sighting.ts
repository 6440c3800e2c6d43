import type { ShownLight } from './shown-light.ts';
import { mergeTids } from './tag-id.ts';

/**
 * An EPC seen by one antenna from first to last read. Identity: (reader, antenna, epc, firstSeen); a second report of
 * the same identity merges: latest lastSeen, greatest count, greatest RSSI,
 * the TIDs of both.
 */
export interface Sighting {
  readonly reader: string;
  /** LLRP AntennaID, 1-based. */
  readonly antenna: number;
  /** EPC memory as upper-case hex, whole bytes. */
  readonly epcHex: string;
  /** Length in bits, as LLRP reports it. */
  readonly epcBits: number;
  /** Event times, epoch ms UTC. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly count: number;
  /** Best RSSI, dBm; null where the reader does not say. */
  readonly rssiDbm: number | null;
  /** Numbers of the tags (TID memory) that answered with this EPC, as {@link mergeTids} keeps them; absent: none was read. */
  readonly tids?: readonly string[];
}

/** A general purpose input (light curtain, motion sensor) changed. */
export interface GpiEvent {
  readonly reader: string;
  /** LLRP GPIPortNum, 1-based. */
  readonly port: number;
  readonly isHigh: boolean;
  readonly at: number;
}

/**
 * Reads are known to be missing: a reader's buffer overflowed, or a connection was lost without hold. `from` = `to`: from
 * a gateway that does not know since when; the platform takes the moment up to which it had everything of the reader.
 */
export interface ReadGap {
  readonly reader: string;
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

/** Event time up to which everything this reader saw has been uplinked. */
export interface CompleteUntil {
  readonly reader: string;
  readonly at: number;
}

/** What a gateway uplinks at once, numbered so that a gap or a resend shows. */
export interface GatewayBatch {
  readonly gateway: string;
  /** Per gateway, from 1, without holes. */
  readonly sequence: number;
  /** When the gateway made it, epoch ms UTC by its own clock. */
  readonly at: number;
  readonly sightings: readonly Sighting[];
  readonly gpi: readonly GpiEvent[];
  readonly gaps: readonly ReadGap[];
  readonly complete: readonly CompleteUntil[];
  /** What its lights showed while the platform was away; absent = nothing. */
  readonly shown?: readonly ShownLight[];
}

/** Two reports of one identity, either order. */
export function mergeSightings(a: Sighting, b: Sighting): Sighting {
  return {
    ...a,
    ...withTids(a, b),
    lastSeen: Math.max(a.lastSeen, b.lastSeen),
    count: Math.max(a.count, b.count),
    rssiDbm: a.rssiDbm === null ? b.rssiDbm : b.rssiDbm === null ? a.rssiDbm : Math.max(a.rssiDbm, b.rssiDbm),
  };
}

/** Of two reports of one sighting; none where neither has any. */
export function withTids(a: Pick<Sighting, 'tids'>, b: Pick<Sighting, 'tids'>): Pick<Sighting, 'tids'> {
  return a.tids === undefined && b.tids === undefined ? {} : { tids: mergeTids(a.tids, b.tids) };
}
