/**
 * Why goods may not move on, or what does not fit of a pack that is checked (domain/clearance, trace/lookup): kept by key and
 * values beside the English sentence, and said where it is read, also at a door whose platform is away.
 */
export const goodsReason = {
  'goods.case': 'case {case} is not decided: {title}; quality decides',
  'goods.excursion': 'excursion {alert}: {summary}; quality decides',
  'goods.hold': 'its shipment {shipment} is on hold: {reason}; quality decides',
  'goods.status':
    'it is {status, select, inactive {decommissioned} retail_sold {retail sold} other {{status}}} since {since}',
  'goods.expiry.unreadable': 'its expiry was given as {given}, which is no date; quality decides',
  'goods.expired': 'it expired on {expiry}',
  'goods.unknown.gtin': 'no product or serial of GTIN {gtin} was ever heard of',
  'goods.unknown.serial': 'serial {serial} of GTIN {gtin} was never commissioned, noticed or seen',
  'goods.other.lot': 'lot {given} was given; it is known with lot {known}',
  'goods.other.expiry': 'expiry {given} was given; it is known with {known}',
  'goods.expired.printed': 'by what stands on the pack it expired on {expiry}',
  'goods.twoPlaces': 'it was read at {site} at {at} and at {other} at {otherAt}',
  // What was found, in a word or two; {name} is its English one.
  'goods.finding': '{finding, select, other {{name}}}',
} as const;

/** What names a reason of goods. */
export type GoodsReasonKey = keyof typeof goodsReason;
/** The same in another language. */
export type GoodsReasonTexts = Readonly<Record<GoodsReasonKey, string>>;
