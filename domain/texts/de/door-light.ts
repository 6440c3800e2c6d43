import type { DoorLightTexts } from '../en/door-light.ts';

/** Why a light at a door shows what it shows, in German. */
export const doorLight: DoorLightTexts = {
  'door.complete': '{reason}, nach Manifest {version}',
  'door.stopped': '{reason}, nach Manifest {version}',
  'door.stop':
    '{finding, select, decommissioned {außer Betrieb} recalled {zurückgerufen} stolen {gestohlen} quarantined {in Quarantäne} rejected {zurückgewiesen} expired {abgelaufen} expiry_unreadable {Verfall nicht lesbar} excursion {Abweichung} other {gesperrt}}: {reason}',
  'door.expired': 'abgelaufen am {expiry}',
  'door.missing': '{reason}, nach Manifest {version}',
  'door.none': 'die Plattform ist nicht erreichbar und hat nicht gesagt, was diese Tür erwartet',
  'door.otherDoor': 'die Plattform ist nicht erreichbar, und Manifest {version} kennt diese Tür nicht',
  'door.old': 'Manifest {version} ist alt: die Plattform hat es zuletzt vor {age} bestätigt',
  'door.clock': 'Manifest {version} lässt sich nicht datieren: die Uhr des Gateways wurde zurückgestellt',
  'door.unannounced':
    'nicht angekündigt: {count, plural, one {ein Teil} other {{count} Teile}} hier bis {until} UTC (Manifest {version}){left}',
  'door.nothing':
    'nicht angekündigt: nichts, was hier bis {until} UTC angekündigt war, ging hindurch (Manifest {version}){left}',
  'door.left':
    '; {shipments, plural, one {eine Sendung passte} other {{shipments} Sendungen passten}} nicht in das Manifest',
  'door.soFar': '{reason}; Lesungen können noch kommen (Manifest {version})',
  'door.shared': '{reason} hier, aber Lesungen von {readers} liegen bei einem anderen Gateway (Manifest {version})',
  'door.many': 'mehr Etiketten, als ein Gateway auf einmal beurteilt (Manifest {version})',
  'door.disk':
    'die Platte des Gateways nimmt keine Lesungen mehr an: etwas kann ungesehen hindurchgegangen sein; {reason}',
  'door.rules': '{said}; Alarm: {rules}',
  'door.rule': '{rule} ({severity, select, critical {kritisch} warning {Warnung} other {Hinweis}}, {goods})',
};
