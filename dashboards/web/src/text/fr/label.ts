import type { Translation } from '../translation.ts';

/** Labels to print, in French, whole. */
export const label: Translation = {
  'labels.labels': 'Étiquettes',
  'labels.of': 'Étiquettes de {id}',
  'labels.back': 'Retour à {id}',
  'labels.print': 'Imprimer les étiquettes',
  'labels.packs': 'Aussi {count, plural, one {l’étiquette de sa boîte} other {les étiquettes de ses # boîtes}}',
  'labels.unit': '{id}, {serials}',
  'labels.most': 'Les {most} premières boîtes sur {count}. Étiquettes des autres : sur la page de chaque boîte.',
  'labels.empty': 'Elle ne voyage dans aucune unité',
  'labels.empty.hint': 'Choisissez plus haut les étiquettes de ses boîtes.',
  'serial.label': 'Étiquette',
  'serial.labelOf': 'Étiquette de {name}',
  'serial.noLabel': 'Il n’y a pas de code propre qu’une étiquette pourrait montrer',
  'serial.backTo': 'Retour à {name}',
  'serial.printLabel': 'Imprimer',
  'serial.labelLeads': 'Un téléphone qui le scanne ouvre {link}, après connexion.',
};
