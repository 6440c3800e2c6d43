import { z } from 'zod';

/** An address with one of these protocols (`http`, without a colon), or none. */
export const optionalUrl = (protocols: readonly string[]) =>
  z
    .string()
    .refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol.slice(0, -1)))
    .nullable();
