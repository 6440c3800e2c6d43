/**
 * An LLRP reader without hardware: a real TCP listener that plays the standard's reader side, with tags, inputs and
 * misbehaviour driven by the caller. In: `see`, `gpi` and an LLRP client; out: LLRP. Its clock is the TimeSource it is
 * handed. It must never know a gateway: what it understands is what the wire says.
 */
export type { Misbehaviour } from './misbehaviour.ts';
export { type PalletWalk, pushPallet } from './pallet.ts';
export { SimulatedReader, type SimulatedReaderOptions, type SimulatedSighting } from './reader.ts';
export type { RospecState } from './rospec.ts';
