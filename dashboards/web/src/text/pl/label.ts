import type { Translation } from '../translation.ts';

/** Labels to print, in Polish, whole. */
export const label: Translation = {
  'labels.labels': 'Etykiety',
  'labels.of': 'Etykiety: {id}',
  'labels.back': 'Powrót: {id}',
  'labels.print': 'Drukuj etykiety',
  'labels.packs':
    'Także {count, plural, one {etykieta jej jednego opakowania} few {etykiety jej # opakowań} many {etykiety jej # opakowań} other {etykiety jej # opakowania}}',
  'labels.unit': '{id}, {serials}',
  'labels.most': 'Pierwsze opakowania: {most} z {count}. Etykiety pozostałych: na stronie każdego opakowania.',
  'labels.empty': 'Nie jedzie w żadnej jednostce',
  'labels.empty.hint': 'Wybierz powyżej etykiety jej opakowań.',
  'serial.label': 'Etykieta',
  'serial.labelOf': 'Etykieta: {name}',
  'serial.noLabel': 'Nie ma własnego kodu, który mogłaby pokazać etykieta',
  'serial.backTo': 'Powrót: {name}',
  'serial.printLabel': 'Drukuj',
  'serial.labelLeads': 'Telefon, który go zeskanuje, otwiera {link}, po zalogowaniu.',
};
