import { z } from 'zod';
import type { Operations } from './operation.ts';
import { listOf, named, pageQuery } from './schema.ts';

/** Under which conditions goods are kept. */
export const storageProfile = z
  .object({
    id: z.string(),
    name: z.string(),
    min: z.number().nullable().describe('°C; null where there is no such limit'),
    max: z.number().nullable(),
    mktWindow: z.string().nullable().describe('Over how long its mean kinetic temperature is taken; null: the journey'),
    undecided: z.enum(['stop', 'warn']).describe('What an excursion that nobody has decided on does to its goods'),
    unknown: z
      .enum(['counted', 'asked'])
      .describe('Time without data, or with suspect data: it counts as out of range, or a person is asked'),
    secondSignerFrom: z
      .int()
      .describe('Products of this value class and above need a second signer for every decision but a quarantine'),
  })
  .register(named, { id: 'StorageProfile' });
export type StorageProfileView = z.output<typeof storageProfile>;
export const storageProfileList = listOf(storageProfile).register(named, { id: 'StorageProfileList' });

export const profileOperations = {
  list: {
    method: 'get',
    path: '/profiles',
    summary: 'Storage profiles',
    permission: 'records.read',
    query: pageQuery,
    answers: { 200: storageProfileList },
  },
} as const satisfies Operations;
