import { z } from 'zod';

/** What the practice process is told, as the first line of its input. */
export const practiceSetting = z.object({
  /** Its own; emptied at the start and gone at the end. */
  dataDir: z.string().min(1),
  /** Base64: what opens tickets of the real site. */
  key: z.string().min(1),
  password: z.string().min(8),
  /** Where people reach it, for links; null: as they came. */
  url: z.string().nullable(),
  /** The real site. */
  home: z.object({ url: z.string().nullable(), port: z.number().int() }),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']),
});
export type PracticeSetting = z.output<typeof practiceSetting>;

/** What it says, a line each: what it is doing, and once where it listens. */
export const fromPractice = z.union([z.object({ step: z.string() }), z.object({ port: z.number().int() })]);
export type FromPractice = z.output<typeof fromPractice>;
