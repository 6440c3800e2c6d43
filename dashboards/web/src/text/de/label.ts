import type { Translation } from '../translation.ts';

/** Labels to print, in German, whole. */
export const label: Translation = {
  'labels.labels': 'Etiketten',
  'labels.of': 'Etiketten von {id}',
  'labels.back': 'Zurück zu {id}',
  'labels.print': 'Etiketten drucken',
  'labels.packs': 'Auch {count, plural, one {das Etikett der einen Packung} other {Etiketten der # Packungen}}',
  'labels.unit': '{id}, {serials}',
  'labels.most': 'Die ersten {most} von {count} Packungen. Etiketten der übrigen: auf der Seite jeder Packung.',
  'labels.empty': 'Sie reist in keiner Einheit',
  'labels.empty.hint': 'Wählen Sie oben die Etiketten ihrer Packungen.',
  'serial.label': 'Etikett',
  'serial.labelOf': 'Etikett von {name}',
  'serial.noLabel': 'Es gibt keinen eigenen Code, den ein Etikett zeigen könnte',
  'serial.backTo': 'Zurück zu {name}',
  'serial.printLabel': 'Drucken',
  'serial.labelLeads': 'Ein Telefon, das ihn scannt, öffnet {link}, nach der Anmeldung.',
};
