import type { DoorLightTexts } from '../en/door-light.ts';

/** Why a light at a door shows what it shows, in Polish. */
export const doorLight: DoorLightTexts = {
  'door.complete': '{reason}, według manifestu {version}',
  'door.stopped': '{reason}, według manifestu {version}',
  'door.stop':
    '{finding, select, decommissioned {wyłączone z obiegu} recalled {wycofane} stolen {skradzione} quarantined {w kwarantannie} rejected {odrzucone} expired {przeterminowane} expiry_unreadable {nieczytelny termin ważności} excursion {odchylenie} other {wstrzymane}}: {reason}',
  'door.expired': 'przeterminowane od {expiry}',
  'door.missing': '{reason}, według manifestu {version}',
  'door.none': 'brak połączenia z platformą, która nie podała, czego oczekują te drzwi',
  'door.otherDoor': 'brak połączenia z platformą, a manifest {version} nie zna tych drzwi',
  'door.old': 'manifest {version} jest stary: platforma potwierdziła go ostatnio {age} temu',
  'door.clock': 'manifestu {version} nie można datować: zegar bramki cofnięto',
  'door.unannounced':
    'niezapowiedziane: {count, plural, one {jedna rzecz} few {{count} rzeczy} other {{count} rzeczy}} tutaj do {until} UTC (manifest {version}){left}',
  'door.nothing':
    'niezapowiedziane: nic z tego, co zapowiedziano tutaj do {until} UTC, nie przeszło (manifest {version}){left}',
  'door.left':
    '; {shipments, plural, one {jedna przesyłka nie zmieściła} few {{shipments} przesyłki nie zmieściły} other {{shipments} przesyłek nie zmieściło}} się w manifeście',
  'door.soFar': '{reason}; odczyty mogą jeszcze nadejść (manifest {version})',
  'door.shared': '{reason} tutaj, ale odczyty {readers} są w innej bramce (manifest {version})',
  'door.many': 'więcej znaczników, niż bramka ocenia naraz (manifest {version})',
  'door.disk': 'dysk bramki nie przyjmuje odczytów: coś mogło przejść niezauważone; {reason}',
  'door.rules': '{said}; alarm: {rules}',
  'door.rule': '{rule} ({severity, select, critical {krytyczny} warning {ostrzeżenie} other {informacja}}, {goods})',
};
