import { InputError } from '../../domain/index.ts';
import type { Message } from './table.ts';

/** Bytes of a message header: reserved bits, version, type, length, id (LLRP 1.0.1, clause 16.1). */
export const HEADER_BYTES = 10;

/** Longest frame taken, header included. A longer one is a bad header: it would only serve to exhaust memory. */
export const FRAME_CAP_BYTES = 8 * 1024 * 1024;

/** One message with its header. */
export interface Frame {
  /** 1 = LLRP 1.0.1, 2 = LLRP 1.1. */
  readonly version: number;
  /** Message id: an answer carries its request's. */
  readonly id: number;
  /** The three reserved bits of the header, where a sender has set any. */
  readonly headerBits?: number;
  readonly message: Message;
}

/** What a framer must know of a header. */
export interface FrameHeader {
  readonly version: number;
  /** Message type number. */
  readonly number: number;
  /** Whole message, header included. */
  readonly length: number;
  readonly id: number;
}

/**
 * Reads the header at `offset`, where at least {@link HEADER_BYTES} bytes are.
 * @throws {InputError} LLRP_HEADER_BAD version 0 or over 2, length under 10 or over the cap: nothing after it can be
 *   trusted to be a frame
 */
export function readHeader(view: DataView, offset: number): FrameHeader {
  const first = view.getUint16(offset);
  const version = (first >> 10) & 7;
  const number = first & 0x3ff;
  const length = view.getUint32(offset + 2);
  if (version < 1 || version > 2) {
    throw headerBad(`version ${version}, allowed are 1 (LLRP 1.0.1) and 2 (LLRP 1.1)`, offset);
  }
  if (length < HEADER_BYTES) throw headerBad(`length ${length}, at least ${HEADER_BYTES} is needed`, offset);
  if (length > FRAME_CAP_BYTES) throw headerBad(`length ${length}, at most ${FRAME_CAP_BYTES} is taken`, offset);
  return { version, number, length, id: view.getUint32(offset + 6) };
}

function headerBad(reason: string, offset: number): InputError {
  return new InputError('LLRP_HEADER_BAD', `no LLRP message header: ${reason}`, { offset });
}

/** A good header around bytes that are no good message: that frame is lost, the next one is not. */
export function malformed(reason: string, offset: number): InputError {
  return new InputError('LLRP_FRAME_MALFORMED', `malformed LLRP message at byte ${offset}: ${reason}`, { offset });
}
