/**
 * What places are called, for sentences that name them by their id. Places are registered and renamed by people; the frame says
 * here what it has heard of them, and sentences ask as they become text.
 */
const known: { names: ReadonlyMap<string, string> } = { names: new Map() };

export function knowPlaces(names: ReadonlyMap<string, string>): void {
  known.names = names;
}

/** The registered name of a place; of one that is not registered, or not seen from here, its id without the kind: `lyon yard`. */
export function placeName(id: string): string {
  return known.names.get(id) ?? id.replace(/^\w+:/, '').replaceAll('/', ' ');
}
