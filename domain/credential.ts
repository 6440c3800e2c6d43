/**
 * What signs in with a credential. A `device` speaks for itself; a `gateway` also for its readers and the devices it
 * bridges; a `service`, such as a LoRaWAN server, for others only.
 */
export const CREDENTIAL_KINDS = ['device', 'gateway', 'service'] as const;
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number];

/**
 * `waiting`: a person has not confirmed it yet; keep it aside, with its reason. `no`: it speaks for itself alone, a
 * person has refused it, or the source signs in itself.
 */
export type SpeaksForAnswer = 'yes' | 'waiting' | 'no';

/** Whose readings and sightings a credential may bring. Implemented by access/. */
export interface SpeaksFor {
  /**
   * Answered from memory, for every source of every batch.
   * @param source a device, or a reader as the gateway names it
   */
  speaksFor(credential: string, source: string): SpeaksForAnswer;
  /** It has sent readings of its own on a topic of its own. Called for every such message. */
  heardOwn(credential: string): void;
}

/** For what is played again, of which it was asked when it came; and for tests of what comes after. */
export const SPEAKS_FOR_ALL: SpeaksFor = { speaksFor: () => 'yes', heardOwn: () => {} };
