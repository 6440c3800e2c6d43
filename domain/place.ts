/** `site:lyon`, `room:lyon/cold-1`, `vehicle:truck-7`. */
export const PLACE_ID = /^(site|room|vehicle):[A-Za-z0-9._/-]{1,120}$/;
export const PORTAL_ID = /^[A-Za-z0-9._:/-]{1,128}$/;

export type PlaceKind = 'site' | 'room' | 'vehicle';

/** Where things can be: nested, each with its IANA zone (local times on screens and in reports). */
export interface Place {
  readonly id: string;
  readonly kind: PlaceKind;
  readonly name: string;
  readonly parent: string | null;
  /** IANA time zone, e.g. `Europe/Paris`. */
  readonly zone: string;
  /** Global Location Number, 13 digits: what partners call it. */
  readonly gln?: string;
  /** Alerts here, and in what stands in it, are acknowledged with a comment. Absent: need not be. */
  readonly commentRequired?: boolean;
  /** Where it is, degrees, WGS 84; absent: nobody says. */
  readonly position?: { readonly latitude: number; readonly longitude: number };
}

export type PortalSide = 'inside' | 'outside';

export interface PortalAntenna {
  /** The LLRP reader's id as the gateway names it. */
  readonly reader: string;
  /** LLRP AntennaID, 1-based. */
  readonly antenna: number;
  /** Which side of the door it looks at; null where one antenna covers both. */
  readonly side: PortalSide | null;
}

/** A door between two places; passes through it move units. */
export interface Portal {
  readonly id: string;
  readonly name: string;
  readonly inside: string;
  readonly outside: string;
  /** The site this door belongs to: what is expected here is judged by it. */
  readonly site: string;
  readonly antennas: readonly PortalAntenna[];
  /** GPI ports that start a pass (light curtain), as `reader/port`. */
  readonly triggers: readonly string[];
  /** ms without a sighting that end a pass. */
  readonly quietMs: number;
  /** A pass never lasts longer than this, ms. */
  readonly capMs: number;
}

export const PORTAL_QUIET_MS = 5_000;
export const PORTAL_CAP_MS = 120_000;
