import { z } from 'zod';
import { InputError } from '../../domain/index.ts';
import { serverUrl } from '../../storage/index.ts';

/** An address with one of these protocols (`http`, without a colon), or none. */
export const optionalUrl = (protocols: readonly string[]) =>
  z
    .string()
    .refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol.slice(0, -1)))
    .nullable();

/** Of PostgreSQL, with several hosts between commas where one of them takes writes, or none. */
export const optionalServerUrl = (use: 'everything' | 'questions' = 'everything') =>
  z
    .string()
    .transform((value, context) => {
      try {
        if (URL.canParse(serverUrl(value, use).url)) return value;
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
      }
      context.addIssue({ code: 'custom' });
      return z.NEVER;
    })
    .nullable();

/** Of servers of one NATS cluster, between commas, or none. */
export const optionalNatsUrls = () =>
  z
    .string()
    .refine((text) => text.split(',').every((one) => isUrlOf(one, ['nats:', 'tls:'])))
    .nullable();

export function isHttpUrl(text: string): boolean {
  return isUrlOf(text, ['http:', 'https:']);
}

function isUrlOf(text: string, protocols: readonly string[]): boolean {
  return URL.canParse(text) && protocols.includes(new URL(text).protocol) && new URL(text).hostname !== '';
}
