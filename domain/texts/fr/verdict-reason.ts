import type { VerdictReasonTexts } from '../en/verdict-reason.ts';

/** What a pass showed, in a line, in French. */
export const verdictReason: VerdictReasonTexts = {
  'pass.reason.blocked':
    '{count, plural, one {un élément ne peut} other {{count} éléments ne peuvent}} pas continuer ({statuses})',
  'pass.reason.status':
    '{status, select, inactive {inactif} destroyed {détruit} disposed {éliminé} dispensed {délivré} retail_sold {vendu} recalled {rappelé} stolen {volé} expired {périmé} quarantined {en quarantaine} rejected {refusé} other {{status}}}',
  'pass.reason.unexpected': '{count, plural, one {un élément non attendu} other {{count} éléments non attendus}} ici',
  'pass.reason.missing': '{count, plural, one {un manque} other {{count} manquent}}',
  'pass.reason.missing.soFar': '{count, plural, one {un manque} other {{count} manquent}} jusqu’ici',
  'pass.reason.all':
    '{count, plural, one {le numéro de série attendu a été lu} other {les {count} numéros de série attendus ont tous été lus}}',
  'pass.reason.units': '{count, plural, one {une unité est passée} other {{count} unités sont passées}} comme attendu',
  'pass.reason.strays': 'seulement des lectures parasites d’un portique voisin',
  'pass.reason.nothing': 'rien n’était attendu et rien n’a été lu',
  'pass.reason.gap': 'des lectures de {reader} peuvent manquer de {from} à {to} UTC : {reason}',
  'pass.gap.notReading': 'le lecteur ne lisait pas : il a redémarré ou a été configuré par quelqu’un d’autre',
  'pass.gap.unheld': 'la connexion a été perdue et le lecteur ne peut pas garder ses rapports',
  'pass.gap.broken': 'la connexion s’est rompue : des rapports en cours d’envoi peuvent manquer',
  'pass.gap.overflow': 'la mémoire des rapports du lecteur a débordé',
  'pass.gap.killed': 'la passerelle a été arrêtée brutalement : des rapports en cours d’envoi peuvent manquer',
  'pass.gap.damaged':
    'le disque de la passerelle a rendu d’autres octets que ceux reçus : des lectures peuvent manquer',
};
