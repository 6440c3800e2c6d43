import type { MessageTexts } from '../en/message.ts';

/** What a message about an alert says, in Polish. */
export const message: MessageTexts = {
  'message.alert.opened': 'Pojawił się alarm.',
  'message.alert.escalated': 'Nikt jeszcze nie potwierdził tego alarmu; prosimy o interwencję.',
  'message.alert.reminded': 'Nikt jeszcze nie potwierdził tego alarmu.',
  'message.alert.snoozeEnded': 'Alarm był odłożony, a jego czas minął.',
  'message.alert.acknowledged': 'Potwierdzony przez: {who}.',
  'message.alert.resolved': 'Rozwiązany przez: {who}.',
  'message.alert.retracted': 'To się nie wydarzyło: późniejsze dane mówią co innego. Alarm jest cofnięty.',
  'message.alert.changed':
    'To, czego dotyczy ten alarm, zmieniło się, odkąd ktoś zareagował. Proszę ponownie sprawdzić numery seryjne.',
  'message.alert.flapping':
    'Pojawia się i znika zbyt często: {opened, number} razy w ciągu {withinMinutes, number} minut. Kolejne są wstrzymane, aż to minie.',
  'message.alert.flappingEnded':
    'Już nie pojawia się i nie znika bez przerwy. To, co nadal trwa, jest odtąd zgłaszane.',
  'message.group.standing': 'Te alarmy przyszły razem i są zgłaszane razem.',
  'message.group.ended': 'To koniec: żaden z tych alarmów nie jest już otwarty.',
  'message.silence.title': 'Skończyło się wyciszenie: {reason}',
  'message.silence':
    'Skończyło się o {until}. {muted, plural, =0 {Nie wstrzymało żadnego alarmu.} one {Wstrzymało # alarm.} few {Wstrzymało # alarmy.} other {Wstrzymało # alarmów.}} To, co nadal trwa, jest odtąd zgłaszane.',
  'message.other': 'Coś się zmieniło w alarmie.',
  'message.clock.site': '{time} (na miejscu: {site})',
  'message.code': '{code} to Twój kod',
  'message.code.sentence':
    'Wpisz go w sekcji Konto, aby otrzymywać alerty pod tym adresem. Jeśli o niego nie prosisz, nic nie rób.',
  'message.link.account': 'Twoje konto',
  'message.channel.test': 'To jest test',
  'message.channel.test.sentence':
    'Ktoś wysłał go z Isotherm, aby sprawdzić, czy wiadomości docierają kanałem {channel}. Nic się nie stało.',
  'message.severity':
    '{severity, select, critical {Krytyczny} warning {Ostrzeżenie} info {Informacja} other {{severity}}}',
  'message.title': '{taken, select, true {Cofnięty: } other {}}{severity}: {summary}',
  'message.fact.serials': 'Numery seryjne',
  'message.fact.serials.value':
    '{count, plural, =0 {żaden} one {# numer seryjny} few {# numery seryjne} other {# numerów seryjnych}}',
  'message.fact.alerts': 'Alarmy',
  'message.fact.alerts.value':
    '{alerts, plural, one {# alarm} few {# alarmy} other {# alarmów}}, otwarte: {open, number}, trwające: {running, number}',
  'message.fact.exposure': 'Najgorsza ekspozycja',
  'message.fact.exposure.minutes': '{minutes, plural, one {# minuta} few {# minuty} other {# minut}} poza zakresem',
  'message.fact.exposure.extreme': 'do {extreme}',
  'message.fact.exposure.limit': '{extreme}, granica to {limit}',
  'message.fact.place': 'Gdzie',
  'message.fact.since': 'Od',
  'message.fact.until': '{from} do {to}',
  'message.fact.for': 'Dla',
  'message.fact.stake': 'Co jest zagrożone',
  'message.fact.stake.class':
    '{serials, plural, one {# numer seryjny} few {# numery seryjne} other {# numerów seryjnych}} klasy wartości {valueClass, number}',
  'message.fact.stake.budget':
    'najmniej {minutes, plural, one {# minuta} few {# minuty} other {# minut}} budżetu stabilności',
  'message.fact.late': 'Wykryto późno',
  'message.fact.late.value': 'odczyty przyszły po fakcie',
  'message.serials.more': '{count, plural, one {i jeszcze #} other {i jeszcze #}}',
  'message.do': 'Co teraz zrobić',
  'message.do.threshold':
    'Proszę przywrócić towar do jego zakresu, potem szukać przyczyny. Nie zwalniać tego, co dotknięte: decyduje dział jakości.',
  'message.do.silence':
    'Proszę sprawdzić rejestrator i bramkę: zasilanie, sieć, baterię. Dopóki milczy, warunki są nieznane.',
  'message.do.mkt': 'Proszę wstrzymać towar; średnia z całego czasu jest za wysoka. Decyduje dział jakości.',
  'message.do.rate': 'Proszę sprawdzić, czy drzwi są otwarte lub chłodzenie stanęło.',
  'message.do.shock': 'Proszę sprawdzić, czy towar i opakowanie nie są uszkodzone.',
  'message.do.interval': 'Proszę ustawić częstsze pomiary rejestratora lub położyć obok drugi.',
  'message.do.freezeThaw': 'Proszę wstrzymać towar; zamarzł i odtajał. Decyduje dział jakości.',
  'message.do.forecast': 'Jest jeszcze czas: proszę działać, zanim granica zostanie osiągnięta.',
  'message.do.unexpected': 'Proszę zatrzymać paletę przy bramie i porównać ją z dokumentami.',
  'message.do.blocked': 'Ten towar nie może iść dalej. Proszę go odstawić i zapytać dział jakości.',
  'message.do.group': 'Proszę szukać wspólnej przyczyny: zasilanie, sieć lub chłodzenie całego miejsca.',
  'message.do.health': 'Proszę zajrzeć do Administration, System health: tam jest, co zawodzi i co zrobić.',
  'message.do.other': 'Proszę obejrzeć alarm i zdecydować, kto się nim zajmie.',
  'message.mention': '{by} wspomina o Tobie w {case}',
  'message.fact.case': 'Sprawa',
  'message.link.case': 'Otwórz sprawę',
  'message.link.alert': 'Otwórz alarm',
  'message.link.alerts': 'Otwórz alarmy',
  'message.pin': 'Aby potwierdzić, odpowiedz {pin}.',
  'message.link.acknowledge': 'Potwierdź…',
  'message.footer': 'Isotherm wysyła to, bo prowadzi tu trasa alarmów.',
};
