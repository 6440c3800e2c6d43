/**
 * What places are called, for sentences that name them by their id. Places are registered and renamed by people; the frame says
 * here what it has heard of them, and sentences ask as they become text.
 */
const known: { names: ReadonlyMap<string, string> } = { names: new Map() };

export function knowPlaces(names: ReadonlyMap<string, string>): void {
  known.names = names;
}

/** `site:corner`, `site:lyon/yard`: what a place is kept under (domain/place.ts). */
const PLACE = /\b(?:site|room|vehicle):[A-Za-z0-9._/-]*[A-Za-z0-9]/g;

/** A sentence with places by their registered names; one that is not registered, or not seen from here, by its id without the kind: `lyon yard`. */
export function withPlaces(sentence: string): string {
  return sentence.replace(PLACE, (id) => known.names.get(id) ?? id.replace(/^\w+:/, '').replaceAll('/', ' '));
}
