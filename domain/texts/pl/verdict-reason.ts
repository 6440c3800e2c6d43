import type { VerdictReasonTexts } from '../en/verdict-reason.ts';

/** What a pass showed, in a line, in Polish. */
export const verdictReason: VerdictReasonTexts = {
  'pass.reason.blocked':
    '{count, plural, one {jedna rzecz nie może} few {{count} rzeczy nie mogą} other {{count} rzeczy nie może}} iść dalej ({statuses})',
  'pass.reason.status':
    '{status, select, inactive {nieaktywny} destroyed {zniszczony} disposed {zutylizowany} dispensed {wydany} retail_sold {sprzedany} recalled {wycofany} stolen {skradziony} expired {przeterminowany} quarantined {w kwarantannie} rejected {odrzucony} other {{status}}}',
  'pass.reason.unexpected':
    '{count, plural, one {jedna rzecz nieoczekiwana} few {{count} rzeczy nieoczekiwane} other {{count} rzeczy nieoczekiwanych}} tutaj',
  'pass.reason.missing': '{count, plural, one {brakuje jednej} other {brakuje {count}}}',
  'pass.reason.missing.soFar': '{count, plural, one {brakuje jednej} other {brakuje {count}}} jak dotąd',
  'pass.reason.all':
    '{count, plural, one {odczytano oczekiwany numer seryjny} few {odczytano wszystkie {count} oczekiwane numery seryjne} other {odczytano wszystkie {count} oczekiwanych numerów seryjnych}}',
  'pass.reason.units':
    '{count, plural, one {jedna jednostka przeszła} few {{count} jednostki przeszły} other {{count} jednostek przeszło}} zgodnie z oczekiwaniem',
  'pass.reason.strays': 'tylko obce odczyty z sąsiedniej bramy',
  'pass.reason.nothing': 'niczego nie oczekiwano i niczego nie odczytano',
  'pass.reason.gap': 'odczytów {reader} może brakować od {from} do {to} UTC: {reason}',
  'pass.gap.notReading': 'czytnik nie czytał: uruchomił się ponownie albo skonfigurował go ktoś inny',
  'pass.gap.unheld': 'połączenie zostało utracone, a czytnik nie może przechować swoich raportów',
  'pass.gap.broken': 'połączenie zostało przerwane: raportów w drodze może brakować',
  'pass.gap.overflow': 'bufor raportów czytnika przepełnił się',
  'pass.gap.killed': 'brama została nagle zatrzymana: raportów w drodze może brakować',
  'pass.gap.damaged': 'dysk bramy zwrócił inne bajty, niż otrzymał: odczytów może brakować',
};
