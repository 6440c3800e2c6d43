import type { GoodsReasonTexts } from '../en/goods-reason.ts';

/** Why goods may not move on, in French. */
export const goodsReason: GoodsReasonTexts = {
  'goods.case': 'le dossier {case} n’est pas décidé : {title} ; la qualité décide',
  'goods.excursion': 'excursion {alert} : {summary} ; la qualité décide',
  'goods.hold': 'son expédition {shipment} est bloquée : {reason} ; la qualité décide',
  'goods.status':
    '{status, select, inactive {désactivé} destroyed {détruit} disposed {éliminé} dispensed {délivré} retail_sold {vendu} recalled {rappelé} stolen {volé} expired {périmé} quarantined {en quarantaine} rejected {refusé} other {{status}}} depuis {since}',
  'goods.expiry.unreadable': 'la péremption indiquée est {given}, ce qui n’est pas une date ; la qualité décide',
  'goods.expired': 'périmé le {expiry}',
  'goods.unknown.gtin': 'aucun produit ni numéro de série du GTIN {gtin} n’est connu',
  'goods.unknown.serial': 'le numéro de série {serial} du GTIN {gtin} n’a jamais été mis en circulation, annoncé ni vu',
  'goods.other.lot': 'le lot {given} a été indiqué ; il est connu avec le lot {known}',
  'goods.other.expiry': 'la péremption {given} a été indiquée ; elle est connue comme {known}',
  'goods.expired.printed': 'd’après ce qui figure sur la boîte, périmé le {expiry}',
  'goods.twoPlaces': 'lu à {site} à {at} et à {other} à {otherAt}',
  'goods.finding':
    '{finding, select, gtin_unknown {GTIN inconnu} serial_unknown {numéro de série inconnu} lot_mismatch {autre lot} expiry_mismatch {autre péremption} in_two_places {à deux endroits} decommissioned {désactivé} recalled {rappelé} stolen {volé} quarantined {en quarantaine} rejected {refusé} expired {périmé} expiry_unreadable {péremption illisible} excursion {excursion} on_hold {bloqué} other {{name}}}',
};
