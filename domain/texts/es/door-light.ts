import type { DoorLightTexts } from '../en/door-light.ts';

/** Why a light at a door shows what it shows, in Spanish. */
export const doorLight: DoorLightTexts = {
  'door.complete': '{reason}, según el manifiesto {version}',
  'door.stopped': '{reason}, según el manifiesto {version}',
  'door.stop':
    '{finding, select, decommissioned {fuera de servicio} recalled {retirado} stolen {robado} quarantined {en cuarentena} rejected {rechazado} expired {caducado} expiry_unreadable {caducidad ilegible} excursion {desviación} other {retenido}}: {reason}',
  'door.expired': 'caducó el {expiry}',
  'door.missing': '{reason}, según el manifiesto {version}',
  'door.none': 'no hay conexión con la plataforma, y no ha dicho qué espera esta puerta',
  'door.otherDoor': 'no hay conexión con la plataforma, y el manifiesto {version} no conoce esta puerta',
  'door.old': 'el manifiesto {version} es antiguo: la plataforma lo confirmó por última vez hace {age}',
  'door.clock': 'el manifiesto {version} no se puede fechar: el reloj de la pasarela fue atrasado',
  'door.unannounced':
    'no anunciado: {count, plural, one {un elemento} other {{count} elementos}} aquí hasta las {until} UTC (manifiesto {version}){left}',
  'door.nothing': 'no anunciado: no pasó nada de lo anunciado aquí hasta las {until} UTC (manifiesto {version}){left}',
  'door.left': '; {shipments, plural, one {un envío no cupo} other {{shipments} envíos no cupieron}} en el manifiesto',
  'door.soFar': '{reason}; aún pueden llegar lecturas (manifiesto {version})',
  'door.shared': '{reason} aquí, pero las lecturas de {readers} están en otra pasarela (manifiesto {version})',
  'door.many': 'más etiquetas de las que una pasarela juzga a la vez (manifiesto {version})',
  'door.disk': 'el disco de la pasarela no admite más lecturas: algo puede haber pasado sin ser visto; {reason}',
  'door.rules': '{said}; alerta: {rules}',
  'door.rule': '{rule} ({severity, select, critical {crítica} warning {advertencia} other {información}}, {goods})',
};
