/** An event of EPCIS, as JSON-LD, that a partner states. */
export type ClaimedEvent = Readonly<Record<string, unknown>>;
