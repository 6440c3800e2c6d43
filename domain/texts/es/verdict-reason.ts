import type { VerdictReasonTexts } from '../en/verdict-reason.ts';

/** What a pass showed, in a line, in Spanish. */
export const verdictReason: VerdictReasonTexts = {
  'pass.reason.blocked':
    '{count, plural, one {un elemento no puede} other {{count} elementos no pueden}} seguir ({statuses})',
  'pass.reason.status':
    '{status, select, inactive {inactivo} destroyed {destruido} disposed {desechado} dispensed {dispensado} retail_sold {vendido} recalled {retirado} stolen {robado} expired {caducado} quarantined {en cuarentena} rejected {rechazado} other {{status}}}',
  'pass.reason.unexpected':
    '{count, plural, one {un elemento no esperado} other {{count} elementos no esperados}} aquí',
  'pass.reason.missing': '{count, plural, one {falta uno} other {faltan {count}}}',
  'pass.reason.missing.soFar': '{count, plural, one {falta uno} other {faltan {count}}} por ahora',
  'pass.reason.all':
    '{count, plural, one {se leyó el número de serie esperado} other {se leyeron los {count} números de serie esperados}}',
  'pass.reason.units': '{count, plural, one {una unidad pasó} other {{count} unidades pasaron}} como se esperaba',
  'pass.reason.strays': 'solo lecturas perdidas de un portal vecino',
  'pass.reason.nothing': 'no se esperaba nada y no se leyó nada',
  'pass.reason.gap': 'pueden faltar lecturas de {reader} de {from} a {to} UTC: {reason}',
  'pass.gap.notReading': 'el lector no leía: se ha reiniciado o lo configuró otra persona',
  'pass.gap.unheld': 'se perdió la conexión y el lector no puede guardar sus informes',
  'pass.gap.broken': 'la conexión se cortó: pueden faltar informes que estaban en camino',
  'pass.gap.overflow': 'la memoria de informes del lector se desbordó',
  'pass.gap.killed': 'la pasarela se detuvo de golpe: pueden faltar informes que estaban en camino',
  'pass.gap.damaged': 'el disco de la pasarela devolvió otros bytes que los recibidos: pueden faltar lecturas',
};
