import type { Translation } from '../translation.ts';

/** Practising on invented goods beside the real site, in Polish, whole. Names in quotes are those that the page shows. */
export const practice: Translation = {
  'practice.title': 'Ćwiczenie',
  'practice.menu': 'Ćwicz',
  'practice.lead':
    'Wymyślony towar obok prawdziwego zakładu: trzy zakłady, pięć przesyłek, drzwi pozostawione otwarte, paleta ze zbyt wieloma numerami seryjnymi. Wykonuje się tam krok po kroku zadania swojej roli, pod własnym nazwiskiem, i niczego nie można zepsuć.',
  'practice.apart':
    'Ćwiczenie ma własny proces, bazę danych i dziennik i niczego nikomu nie wysyła. Nic z niego nie pojawia się tutaj: w alarmach, raportach, eksportach, liczbach ani w dzienniku. To, że ktoś ćwiczył, zapisuje się w ścieżce audytu.',
  'practice.role': 'Czyje zadania',
  'practice.role.logistics': 'Logistyka',
  'practice.role.quality': 'Jakość',
  'practice.role.dock': 'Rampa',
  'practice.role.operations': 'Eksploatacja',
  'practice.start': 'Rozpocznij ćwiczenie',
  'practice.enter': 'Wejdź',
  'practice.starting': 'Przygotowywanie towaru; trwa to do minuty.',
  'practice.runs':
    '{people, plural, =0 {Gotowe. Nikt jeszcze nie wszedł.} one {Trwa; weszła jedna osoba.} few {Trwa; weszły # osoby.} many {Trwa; weszło # osób.} other {Trwa; weszło # osoby.}}',
  'practice.failed': 'Nie udało się rozpocząć: {reason}',
  'practice.anew': 'Zacznij od nowa',
  'practice.anew.ask':
    '{people, plural, =0 {Przywrócić wszystko do stanu początkowego?} one {Zakończyć ćwiczenie jednej osoby i przywrócić wszystko do stanu początkowego?} few {Zakończyć ćwiczenie # osób i przywrócić wszystko do stanu początkowego?} many {Zakończyć ćwiczenie # osób i przywrócić wszystko do stanu początkowego?} other {Zakończyć ćwiczenie # osoby i przywrócić wszystko do stanu początkowego?}}',
  'practice.end': 'Zakończ ćwiczenie',
  'practice.end.ask': 'Zakończyć dla wszystkich? To, co przećwiczono, przepadnie.',
  'practice.others':
    'Ćwiczą tam też inni. Zakończyć lub zacząć od nowa może administrator; do tego czasu to, co już zrobiono, pozostaje bez zmian.',
  'practice.ended': 'Nie trwa.',
  'practice.off.title': 'Nie udostępniono tu ćwiczeń',
  'practice.off':
    'Kto prowadzi tę instalację, włącza je w konfiguracji ustawieniem practice.enabled; wtedy można tu ćwiczyć zadania swojej roli na wymyślonym towarze.',
  'practice.off.help': 'Co można ćwiczyć i jak to włączyć',
  'practice.idle': 'Kończy się samo, gdy przez godzinę nikt z niego nie korzysta.',
  'practice.entering': 'Wchodzenie…',
  'practice.entry.bad': 'To wejście już nie działa',
  'practice.entry.bad.next': 'Otwiera się raz, w ciągu minuty. Wróć do prawdziwego zakładu i ponownie wybierz „Wejdź”.',
  'practice.as': 'Ćwiczona rola: {role}. Wykonane zadania: {done} z {all}.',
  'practice.next': 'Następne: {job}',
  'practice.how': 'Jak',
  'practice.open': 'Otwórz ekran',
  'practice.all': 'Wszystkie zadania',
  'practice.leave': 'Powrót do prawdziwego zakładu',
  'practice.allDone':
    'Wszystkie zadania tej roli są wykonane. Zacznij od nowa albo przećwicz inną rolę, z prawdziwego zakładu.',
  'practice.password': 'Tam, gdzie coś się podpisuje, hasło jest tutaj takie: {password}',
  'practice.jobs': 'Zadania: {role}',
  'practice.done': 'wykonane',
  'practice.open.job': 'do wykonania',
  'practice.seen': 'Zadanie jest wykonane, gdy jest w ścieżce audytu ćwiczenia: niczego się nie odhacza.',
  'practice.job.see-trouble': 'Od razu zobaczyć, co jest nie w porządku, i zachować to jako własny widok',
  'practice.steps.see-trouble':
    'Kliknij kafelek przekroczeń: zostaną tylko te przesyłki.\nOtwórz „Widoki”, nadaj nazwę i wybierz „Zapisz ten widok”.',
  'practice.job.announce': 'Zapowiedzieć przesyłkę',
  'practice.steps.announce':
    'Wybierz, skąd jedzie, dokąd i kiedy.\nNadaj jednej jednostce numer i rejestrator, aby jej towar był nadzorowany.\nWyślij. To, co błędne, jest opisane obok swojego wiersza.',
  'practice.job.correct': 'Poprawić przesyłkę, która przyjedzie później',
  'practice.steps.correct':
    'Przy SHP-1003 wybierz „Correct”.\nUstaw przyjazd dwie godziny później.\nPowiedz dlaczego i wybierz „Correct it”.',
  'practice.job.share': 'Pokazać przesyłkę klientowi',
  'practice.steps.share':
    'Przy SHP-1001 przejdź do „Links for customers” i wybierz „Make a link”.\nPowiedz, dla kogo jest i co pokazuje.\nOtwórz link: to widzi klient.',
  'practice.job.take-case': 'Zająć się sprawą',
  'practice.steps.take-case': 'Otwórz sprawę z listy, tę o najbliższym terminie.\nWybierz, kto się nią zajmuje: ty.',
  'practice.job.decide': 'Zdecydować o numerach seryjnych sprawy i podpisać',
  'practice.steps.decide':
    'Przeczytaj, przez co przeszła każda grupa, co jest proponowane i dlaczego.\nWybierz „Decide as proposed” albo zdecyduj inaczej i powiedz dlaczego.\nPodpisz tutejszym hasłem.',
  'practice.job.hold': 'Uchronić zapisy przesyłki przed usunięciem',
  'practice.steps.hold': 'Przy SHP-1005 wybierz „Put on hold”.\nPowiedz dlaczego: na przykład badana reklamacja.',
  'practice.job.set-aside': 'Wyłączyć odczyty, które nie dotyczą towaru',
  'practice.steps.set-aside':
    'Przy LOG-201 wybierz „Set readings aside”.\nPodaj czas, w którym są błędne, i dlaczego.\nPozostają w zapisie i do niczego się nie liczą.',
  'practice.job.settle': 'Wyjaśnić paletę, na której trzech jest za dużo, a jednego brakuje',
  'practice.steps.settle':
    'Obejrzyj ostatnią paletę przez Madrid dock 1: czego pokazuje za dużo i czego brakuje.\nPrzy wierszu wybierz „Settle” i powiedz jak: obejrzano, policzono czy zeskanowano.\nZrób tak samo z resztą.',
  'practice.job.verify': 'Zapytać, czy opakowanie może jechać dalej',
  'practice.steps.verify':
    'Wpisz zamiast skanować: GTIN 80614141123458, numer seryjny 1000, seria A17, termin ważności 2028-06-30.\nWybierz „Sprawdź” i przeczytaj dlaczego.',
  'practice.job.count': 'Policzyć jednostkę ręcznie',
  'practice.steps.count':
    'Przy SHP-1002 otwórz „Count a unit”.\nWklej znalezione numery seryjne, po jednym w wierszu: urn:epc:id:sgtin:0614141.812346.3000 i tak dalej.\nWyślij wynik liczenia.',
  'practice.job.acknowledge': 'Powiedzieć, że zajmujesz się alarmem',
  'practice.steps.acknowledge': 'Otwórz najgorszy alarm, którym nikt się nie zajmuje.\nWybierz „Przyjmij”.',
  'practice.job.assign': 'Przekazać alarm współpracownikowi',
  'practice.steps.assign': 'Zaznacz alarm na liście.\nWybierz „Przydziel” i wskaż quality.',
  'practice.job.silence': 'Wyciszyć rejestrator, który jest naprawiany',
  'practice.steps.silence':
    'Otwórz alarm LOG-401, który zamilkł.\nWybierz „Silence”, na jak długo i dlaczego.\nDo tego czasu nikt nie jest o nim powiadamiany; to, co zostanie stwierdzone, nadal się zapisuje.',
  'practice.job.resolve': 'Zamknąć alarm z tym, co z niego wynikło',
  'practice.steps.resolve': 'Otwórz alarm, którym się zajmujesz.\nWybierz „Zamknij” i powiedz, co z niego wynikło.',
};
