import type { GoodsReasonTexts } from '../en/goods-reason.ts';

/** Why goods may not move on, in Polish. */
export const goodsReason: GoodsReasonTexts = {
  'goods.case': 'w sprawie {case} nie ma decyzji: {title}; decyduje dział jakości',
  'goods.excursion': 'odchylenie {alert}: {summary}; decyduje dział jakości',
  'goods.hold': 'przesyłka {shipment} jest wstrzymana: {reason}; decyduje dział jakości',
  'goods.status':
    '{status, select, inactive {wycofane z użycia} destroyed {zniszczone} disposed {zutylizowane} dispensed {wydane} retail_sold {sprzedane} recalled {wycofane z obrotu} stolen {skradzione} expired {przeterminowane} quarantined {w kwarantannie} rejected {odrzucone} other {{status}}} od {since}',
  'goods.expiry.unreadable': 'jako termin ważności podano {given}, co nie jest datą; decyduje dział jakości',
  'goods.expired': 'przeterminowane od {expiry}',
  'goods.unknown.gtin': 'nie jest znany żaden produkt ani numer seryjny GTIN {gtin}',
  'goods.unknown.serial':
    'numer seryjny {serial} GTIN {gtin} nigdy nie został wprowadzony, zapowiedziany ani zobaczony',
  'goods.other.lot': 'podano serię {given}; znane jest z serią {known}',
  'goods.other.expiry': 'podano termin ważności {given}; znane jest z terminem {known}',
  'goods.expired.printed': 'według nadruku na opakowaniu przeterminowane od {expiry}',
  'goods.twoPlaces': 'odczytano w {site} o {at} i w {other} o {otherAt}',
  'goods.finding':
    '{finding, select, gtin_unknown {nieznany GTIN} serial_unknown {nieznany numer seryjny} lot_mismatch {inna seria} expiry_mismatch {inny termin ważności} in_two_places {w dwóch miejscach} decommissioned {wycofane z użycia} recalled {wycofane z obrotu} stolen {skradzione} quarantined {w kwarantannie} rejected {odrzucone} expired {przeterminowane} expiry_unreadable {nieczytelny termin ważności} excursion {odchylenie} on_hold {wstrzymane} other {{name}}}',
};
