import { z } from 'zod';
import type { ReaderProfile } from './config.ts';

export const COLOURS = ['green', 'amber', 'red', 'off'] as const;
export type Colour = (typeof COLOURS)[number];

/**
 * What the platform says on `isotherm/v1/gateways/{id}/commands`: the light, and if wanted the buzzer, of a portal or of
 * one reader; after `forMs` it goes off again.
 */
export const gatewayCommandSchema = z
  .strictObject({
    command: z.literal('light'),
    portal: z.string().min(1).optional(),
    reader: z.string().min(1).optional(),
    colour: z.enum(COLOURS),
    buzzer: z.boolean().default(false),
    forMs: z.int().min(100).max(3_600_000).optional(),
  })
  .refine(({ portal, reader }) => (portal === undefined) !== (reader === undefined), 'give either portal or reader');

export type GatewayCommand = z.output<typeof gatewayCommandSchema>;

/** The readers a command is for. */
export function addressed(command: GatewayCommand, readers: readonly ReaderProfile[]): ReaderProfile[] {
  return readers.filter(
    ({ id, antennas }) => id === command.reader || antennas.some(({ portal }) => portal && portal === command.portal),
  );
}

/** Output ports and levels that show a colour; ports the profile does not name are left alone. */
export function outputsFor(profile: ReaderProfile, colour: Colour, buzzer: boolean): Map<number, boolean> {
  const { outputs } = profile;
  const levels = new Map<number, boolean>();
  if (outputs.green !== undefined) levels.set(outputs.green, colour === 'green');
  if (outputs.amber !== undefined) levels.set(outputs.amber, colour === 'amber');
  if (outputs.red !== undefined) levels.set(outputs.red, colour === 'red');
  if (outputs.buzzer !== undefined) levels.set(outputs.buzzer, buzzer);
  return levels;
}
