/** What the makers of returned packs said of them. */
export const returned = {
  'return.asked': 'The answer has not come: ask again. Keep the pack apart until then.',
  'return.verified': 'Its maker says that it is what it says. It may be sold again.',
  'return.verified.info':
    'Its maker says that it is what it says, and that it is {info, select, Recalled {recalled} Suspect {suspect} Illegitimate {illegitimate} Expired {expired} other {marked “{info}”}}. It may not be sold again.',
  'return.verified.here':
    'Its maker says that it is what it says, but here something speaks against it: {reason}. It may not be sold again for now.',
  'return.not-verified':
    'Its maker does not confirm it: {why, select, No_match_GTIN_Serial {this serial is none of his} No_match_GTIN_Serial_Lot {the lot is another} No_match_GTIN_Serial_Expiry {the expiry is another} No_match_GTIN_Serial_Lot_Expiry {lot and expiry are others} No_reason_provided {no reason is given} Manufacturer_policy {it is stopped by his own rules} none {no reason is given} other {he says “{why}”}}. Set it apart; quality decides.',
  'return.unanswered': 'Nobody has confirmed it: {fault}. Keep the pack apart until somebody has.',
} as const;
