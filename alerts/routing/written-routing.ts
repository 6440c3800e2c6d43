import { YamlFile } from '../../domain/index.ts';
import type { PersonGiven, ScheduleGiven, TeamGiven } from './routing-file.ts';

/** People, teams and schedules as they are written: times of day, dates and moments as text, for forms that change them. */
export interface WrittenRouting {
  readonly people: Readonly<Record<string, PersonGiven>>;
  readonly teams: Readonly<Record<string, TeamGiven>>;
  readonly schedules: Readonly<Record<string, ScheduleGiven>>;
}

/** @param text that parseRouting takes */
export function writtenRouting(text: string): WrittenRouting {
  const written = new YamlFile(text, 'routing', 'ROUTING_FILE_BAD').value as Partial<WrittenRouting>;
  return { people: written.people ?? {}, teams: written.teams ?? {}, schedules: written.schedules ?? {} };
}
