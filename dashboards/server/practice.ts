import type { PracticeTickets } from '../../access/index.ts';
import type { PracticeRole } from '../../domain/index.ts';
import type { PracticeSiteView } from '../api/index.ts';

/** The practice site beside this installation, which is the real one: started when somebody wants it. */
export interface PracticeSource {
  readonly state: Omit<PracticeSiteView, 'mayEnd'>;
  /** How many besides this person came in since it was started. */
  othersThan(name: string): number;
  /** Starts it; returns at once. Where it runs nothing happens, unless it is to begin anew. */
  begin(isAnew: boolean): void;
  /** Ends it; everything practised there is gone. */
  end(): Promise<void>;
  /** @throws {ConflictError} PRACTICE_NOT_ON */
  enter(
    name: string,
    role: PracticeRole,
  ): { readonly ticket: string; readonly url: string | null; readonly port: number };
}

/** This installation is a practice site. */
export interface PracticeMode {
  readonly tickets: PracticeTickets;
  /** Of everybody who comes in: what is signed is signed with it. */
  readonly password: string;
  /** The real site. */
  readonly home: { readonly url: string | null; readonly port: number };
}

/** What stands on everything that is made here. */
export const PRACTICE_MARK = 'PRACTICE · ÜBUNG · EXERCICE · PRÁCTICA · ĆWICZENIE';
