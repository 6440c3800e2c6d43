import type { GoodsReasonTexts } from '../en/goods-reason.ts';

/** Why goods may not move on, in German. */
export const goodsReason: GoodsReasonTexts = {
  'goods.case': 'über Fall {case} ist nicht entschieden: {title}; die Qualität entscheidet',
  'goods.excursion': 'Abweichung {alert}: {summary}; die Qualität entscheidet',
  'goods.hold': 'ihre Sendung {shipment} ist angehalten: {reason}; die Qualität entscheidet',
  'goods.status':
    '{status, select, inactive {deaktiviert} destroyed {vernichtet} disposed {entsorgt} dispensed {abgegeben} retail_sold {verkauft} recalled {zurückgerufen} stolen {gestohlen} expired {abgelaufen} quarantined {in Quarantäne} rejected {zurückgewiesen} other {{status}}} seit {since}',
  'goods.expiry.unreadable': 'als Verfall wurde {given} genannt, das ist kein Datum; die Qualität entscheidet',
  'goods.expired': 'abgelaufen am {expiry}',
  'goods.unknown.gtin': 'von GTIN {gtin} ist weder ein Produkt noch eine Seriennummer bekannt',
  'goods.unknown.serial':
    'Seriennummer {serial} der GTIN {gtin} wurde nie in Verkehr gebracht, angekündigt oder gesehen',
  'goods.other.lot': 'genannt wurde Charge {given}; bekannt ist sie mit Charge {known}',
  'goods.other.expiry': 'genannt wurde Verfall {given}; bekannt ist sie mit {known}',
  'goods.expired.printed': 'nach dem Aufdruck der Packung abgelaufen am {expiry}',
  'goods.twoPlaces': 'gelesen in {site} um {at} und in {other} um {otherAt}',
  'goods.finding':
    '{finding, select, gtin_unknown {GTIN unbekannt} serial_unknown {Seriennummer unbekannt} lot_mismatch {andere Charge} expiry_mismatch {anderer Verfall} in_two_places {an zwei Orten} decommissioned {deaktiviert} recalled {zurückgerufen} stolen {gestohlen} quarantined {in Quarantäne} rejected {zurückgewiesen} expired {abgelaufen} expiry_unreadable {Verfall nicht lesbar} excursion {Abweichung} on_hold {angehalten} other {{name}}}',
};
