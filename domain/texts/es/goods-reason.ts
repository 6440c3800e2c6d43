import type { GoodsReasonTexts } from '../en/goods-reason.ts';

/** Why goods may not move on, in Spanish. */
export const goodsReason: GoodsReasonTexts = {
  'goods.case': 'el caso {case} no está decidido: {title}; decide calidad',
  'goods.excursion': 'desviación {alert}: {summary}; decide calidad',
  'goods.hold': 'su envío {shipment} está retenido: {reason}; decide calidad',
  'goods.status':
    '{status, select, inactive {desactivado} destroyed {destruido} disposed {desechado} dispensed {dispensado} retail_sold {vendido} recalled {retirado} stolen {robado} expired {caducado} quarantined {en cuarentena} rejected {rechazado} other {{status}}} desde {since}',
  'goods.expiry.unreadable': 'su caducidad se indicó como {given}, que no es una fecha; decide calidad',
  'goods.expired': 'caducó el {expiry}',
  'goods.unknown.gtin': 'no se conoce ningún producto ni número de serie del GTIN {gtin}',
  'goods.unknown.serial': 'el número de serie {serial} del GTIN {gtin} nunca se puso en circulación, anunció ni vio',
  'goods.other.lot': 'se indicó el lote {given}; se conoce con el lote {known}',
  'goods.other.expiry': 'se indicó la caducidad {given}; se conoce con {known}',
  'goods.expired.printed': 'según lo impreso en el envase, caducó el {expiry}',
  'goods.twoPlaces': 'se leyó en {site} a las {at} y en {other} a las {otherAt}',
  'goods.finding':
    '{finding, select, gtin_unknown {GTIN desconocido} serial_unknown {número de serie desconocido} lot_mismatch {otro lote} expiry_mismatch {otra caducidad} in_two_places {en dos lugares} decommissioned {desactivado} recalled {retirado} stolen {robado} quarantined {en cuarentena} rejected {rechazado} expired {caducado} expiry_unreadable {caducidad ilegible} excursion {desviación} on_hold {retenido} other {{name}}}',
};
