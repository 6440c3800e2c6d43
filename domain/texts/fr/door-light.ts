import type { DoorLightTexts } from '../en/door-light.ts';

/** Why a light at a door shows what it shows, in French. */
export const doorLight: DoorLightTexts = {
  'door.complete': '{reason}, selon le manifeste {version}',
  'door.stopped': '{reason}, selon le manifeste {version}',
  'door.stop':
    '{finding, select, decommissioned {hors service} recalled {rappelé} stolen {volé} quarantined {en quarantaine} rejected {refusé} expired {périmé} expiry_unreadable {péremption illisible} excursion {excursion} other {bloqué}} : {reason}',
  'door.expired': 'périmé le {expiry}',
  'door.missing': '{reason}, selon le manifeste {version}',
  'door.none': 'la plateforme est injoignable et n’a pas dit ce que cette porte attend',
  'door.otherDoor': 'la plateforme est injoignable, et le manifeste {version} ne connaît pas cette porte',
  'door.old': 'le manifeste {version} est ancien : la plateforme l’a confirmé pour la dernière fois il y a {age}',
  'door.clock': 'le manifeste {version} ne peut être daté : l’horloge de la passerelle a été reculée',
  'door.unannounced':
    'non annoncé : {count, plural, one {un élément} other {{count} éléments}} ici avant {until} UTC (manifeste {version}){left}',
  'door.nothing':
    'non annoncé : rien de ce qui était annoncé ici avant {until} UTC n’est passé (manifeste {version}){left}',
  'door.left':
    ' ; {shipments, plural, one {un envoi ne tenait} other {{shipments} envois ne tenaient}} pas dans le manifeste',
  'door.soFar': '{reason} ; des lectures peuvent encore venir (manifeste {version})',
  'door.shared': '{reason} ici, mais les lectures de {readers} sont chez une autre passerelle (manifeste {version})',
  'door.many': 'plus d’étiquettes qu’une passerelle n’en juge à la fois (manifeste {version})',
  'door.disk':
    'le disque de la passerelle ne prend plus de lectures : quelque chose a pu passer sans être vu ; {reason}',
  'door.rules': '{said} ; alerte : {rules}',
  'door.rule': '{rule} ({severity, select, critical {critique} warning {avertissement} other {information}}, {goods})',
};
