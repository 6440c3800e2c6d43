import type { ToldTexts } from '../en/told.ts';

/** What is told of goods, alerts and rules, in Polish. */
export const told: ToldTexts = {
  'summary.threshold':
    '{device} {side, select, above {powyżej} at {przy} other {poniżej}} {limit}{unit, select, none {} other { {unit}}} przez {duration}',
  'summary.silence': '{device}: brak pomiaru ({metric}), zaległy od {since}',
  'summary.silence.over': '{device}: brak pomiaru ({metric}), zaległy przez {duration}',
  'summary.mkt': '{device}: średnia temperatura kinetyczna powyżej {limit} {unit}, do {extreme} {unit}',
  'summary.rate': '{device}: {metric} – zmiana o {extreme} {unit}, więcej niż {limit} {unit}',
  'summary.shock': '{device}: {metric} {extreme} {unit}',
  'summary.interval': '{device}: pomiary ({metric}) odległe nawet o {extreme} minut',
  'summary.freezeThaw': '{device}: rozmrożenie po zamrożeniu',
  'summary.forecast': '{device}: {metric} zmierza do {limit} {unit}, najbliżej za {minutes} min',
  'summary.budget':
    '{shipment}: {serials, plural, one {# numer seryjny} few {# numery seryjne} other {# numerów seryjnych}} poza zakresem przez {extreme} min, więcej niż budżet {limit} min',
  'summary.cumulative':
    '{shipment}: {serials, plural, one {# numer seryjny} few {# numery seryjne} other {# numerów seryjnych}} poza granicą łącznie przez {extreme} min, {limit} min to alarm',
  'summary.goodsMkt':
    '{shipment}: średnia temperatura kinetyczna {serials, plural, one {# numeru seryjnego} other {# numerów seryjnych}} powyżej {limit} {unit}, do {extreme} {unit}',
  'summary.goodsFreezeThaw':
    '{shipment}: {serials, plural, one {# numer seryjny rozmrożony} few {# numery seryjne rozmrożone} other {# numerów seryjnych rozmrożonych}} po zamrożeniu {extreme, plural, one {raz} other {# razy}}',
  'summary.budgetForecast':
    '{shipment}: budżet {serials, plural, one {# numeru seryjnego} other {# numerów seryjnych}} wyczerpie się przed przybyciem, oczekiwane {extreme} min z {limit} min',
  'summary.tamper':
    '{shipment}: {serials, plural, one {# numer seryjny} few {# numery seryjne} other {# numerów seryjnych}} z {extreme, plural, one {oznaką} other {# oznakami}} naruszenia w drodze',
  'summary.unexpected':
    '{serials, plural, one {# numer seryjny} few {# numery seryjne} other {# numerów seryjnych}} w {portal}, których nikt nie oczekuje',
  'summary.blocked':
    '{serials, plural, one {# numer seryjny} few {# numery seryjne} other {# numerów seryjnych}} w {portal} nie może iść dalej ({reasons})',

  'summary.group.opened':
    '{about}: {alerts, plural, one {# alarm} few {# alarmy} other {# alarmów}}, {running, number} trwa',
  'summary.group.changed':
    '{about}: {alerts, plural, one {# alarm} few {# alarmy} other {# alarmów}}, {running, number} trwa, w tym {added, number} nowych, {retracted, number} cofniętych',
  'summary.group.escalated':
    '{about}: nikt nie potwierdził {open, plural, one {# alarmu} other {# alarmów}} z {alerts, number}, {running, number} trwa',
  'summary.group.reminded':
    '{about}: nadal nikt nie potwierdził {open, plural, one {# alarmu} other {# alarmów}} z {alerts, number}, {running, number} trwa',
  'summary.group.ended':
    '{about}: koniec; {alerts, plural, one {# alarm} few {# alarmy} other {# alarmów}}, {open, number} przez nikogo niepotwierdzonych, {retracted, number} cofniętych',

  'summary.health': 'Sam Isotherm: {part} zawodzi i jest ponawiane',
  'summary.health.disk': 'Sam Isotherm: dysk katalogu danych się zapełnia',
  'summary.health.log-size': 'Sam Isotherm: dziennik się zapełnia; gdy będzie pełny, nic nie zostanie potwierdzone',
  'summary.health.backup': 'Sam Isotherm: ostatnia kopia zapasowa jest za stara',
  'summary.health.device': 'Sam Isotherm: od {name} niczego się nie przyjmuje',
  'summary.health.calibration due': 'Sam Isotherm: zbliża się termin kalibracji {name}',
  'summary.health.calibration overdue': 'Sam Isotherm: kalibracja {name} jest po terminie',
  'summary.health.certificate': 'Sam Isotherm: ktoś musi zająć się certyfikatem {name}',
  'summary.health.append': 'Sam Isotherm: niczego nie można przyjąć',
  'summary.health.writer': 'Sam Isotherm: odczyty są przyjmowane i niezapisywane',
  'summary.health.writer checkpoint': 'Sam Isotherm: odczyty są przyjmowane i niezapisywane',
  'summary.health.tracer': 'Sam Isotherm: przesyłki i przejścia nie są śledzone',
  'summary.health.tracer checkpoint': 'Sam Isotherm: przesyłki i przejścia nie są śledzone',
  'summary.health.evaluator': 'Sam Isotherm: reguły nie są oceniane, może brakować alarmów',
  'summary.health.evaluator checkpoint': 'Sam Isotherm: reguły nie są oceniane, może brakować alarmów',
  'summary.health.alerts': 'Sam Isotherm: niektórych alarmów nie można opracować',
  'summary.health.notifier': 'Sam Isotherm: wiadomości nie są wysyłane',
  'summary.health.archive': 'Sam Isotherm: otrzymane wiadomości nie są archiwizowane',
  'summary.health.archive checkpoint': 'Sam Isotherm: otrzymane wiadomości nie są archiwizowane',
  'summary.health.retention': 'Sam Isotherm: to, co przekroczyło okres przechowywania, nie jest usuwane',
  'summary.health.dead-records': 'Sam Isotherm: rekordów nie dało się przyjąć i czekają na człowieka',
  'summary.health.routing': 'Sam Isotherm: kierowanie alarmów wymienia to, czego już nie ma',
  'summary.health.heartbeat': 'Sam Isotherm: zewnętrzny strażnik nie przyjmuje sygnału życia',
  'summary.health.undelivered-messages': 'Sam Isotherm: wiadomości zostały porzucone i czekają na człowieka',

  'disposition.range': 'Temperatura miała pozostać {limits}.',
  'disposition.range.between': 'między {min} a {max} {unit}',
  'disposition.range.below': 'przy {max} {unit} lub niżej',
  'disposition.range.above': 'przy {min} {unit} lub wyżej',
  'disposition.limits.none': 'Nikt nie podaje, między jakimi temperaturami towar miał pozostać: musi ocenić człowiek.',
  'disposition.measured': 'Było między {min} a {max} {unit}; średnia temperatura kinetyczna to {mkt} {unit}.',
  'disposition.measured.none': 'Wokół towaru niczego nie zmierzono: musi ocenić człowiek.',
  'disposition.inside': 'Towar nigdy nie był poza zakresem.',
  'disposition.outside': 'Towar był {above} min powyżej i {below} min poniżej granic.',
  'disposition.excused': '{minutes} min z tego usprawiedliwia podpisany krok.',
  'disposition.frozen':
    'Towar był przy {min} {unit}, a żaden czas poza zakresem nie równoważy zamrożenia: musi ocenić człowiek.',
  'disposition.budget.none': 'Nikt nie podaje, jak długo produkt to znosi: musi ocenić człowiek.',
  'disposition.budget.carried': 'Towar miał już {minutes} min poza zakresem.',
  'disposition.budget.kept':
    'Z {limit} min, które produkt znosi przez całe życie, zużyto {used} min i pozostało {left} min.',
  'disposition.budget.overdrawn':
    'Z {limit} min, które produkt znosi przez całe życie, zużyto {used} min: o {over} min za dużo.',
  'disposition.unknown': '{unknown} min jest bez danych, a {suspect} min tylko z podejrzanymi danymi.',
  'disposition.unknown.harmless': 'Nawet gdyby towar był poza zakresem przez cały ten czas, produkt by to zniósł.',
  'disposition.unknown.counted': 'Liczą się jako poza zakresem, jak mówi profil przechowywania.',
  'disposition.unknown.asked':
    'Gdyby towar był poza zakresem przez cały ten czas, produkt by tego nie zniósł: musi ocenić człowiek.',
  'disposition.unknown.unbudgeted':
    'Nikt nie podaje, jak długo produkt znosi bycie poza zakresem: ten czas musi ocenić człowiek.',

  'case.title.shipment': 'Odchylenie przesyłki {shipment}',
  'case.title.place': 'Odchylenie w {place}',
  'case.title.device': 'Odchylenie przy {device}, którego miejsca nikt nie podaje',
  'case.title.missing': 'Brak danych z {device}',
  'case.title.late': 'Dane, które przyszły po zamknięciu {id}',

  'found.shortage':
    '{goods, plural, one {# numer seryjny} few {# numery seryjne} other {# numerów seryjnych}} z {shipments} {role, select, origin {nie wyszło} destination {nie przyszło} other {nie widziano}} z resztą w {portal}',
  'found.wrongDirection':
    '{goods, plural, one {# numer seryjny} few {# numery seryjne} other {# numerów seryjnych}} {direction, select, in {do środka} other {na zewnątrz}} przez {portal} w {site}, w przeciwnym kierunku',
  'found.wrongPortal':
    '{goods, plural, one {# numer seryjny przeszedł} few {# numery seryjne przeszły} other {# numerów seryjnych przeszło}} przez {portal} zamiast {doors}',
  'found.noData':
    '{goods, plural, one {# numer seryjny przeszedł} few {# numery seryjne przeszły} other {# numerów seryjnych przeszło}} przez {portal} bez danych: {lacking}',
  'found.noData.both': '{one}, {other}',
  'found.noData.notice': 'żadne awizo go nie wymienia',
  'found.noData.lot': 'seria nie jest znana',
  'found.noData.expiry': 'termin ważności nie jest znany',
  'found.expired':
    '{goods, plural, one {# numer seryjny przeszedł} few {# numery seryjne przeszły} other {# numerów seryjnych przeszło}} przez {portal} {past, plural, =0 {na mniej niż {days, plural, one {# dzień} other {# dni}} przed upływem ważności} other {po upływie ważności}}',
  'found.clone':
    '{goods, plural, one {# numer seryjny odczytano} few {# numery seryjne odczytano} other {# numerów seryjnych odczytano}} w {portal} w {site} wcześniej po innym miejscu, niż mogą podróżować: skopiowany znacznik albo towar, który nie jest tym, czym się podaje',
  'found.cloneTid':
    '{goods, plural, one {# numer seryjny odpowiedział} few {# numery seryjne odpowiedziały} other {# numerów seryjnych odpowiedziało}} w {portal} w {site} innym znacznikiem niż przedtem albo dwoma: skopiowany znacznik albo wymieniony',
  'found.cloneEnded':
    '{goods, plural, one {# numer seryjny uznany za zniszczony, wydany lub wycofany odpowiedział} few {# numery seryjne uznane za zniszczone, wydane lub wycofane odpowiedziały} other {# numerów seryjnych uznanych za zniszczone, wydane lub wycofane odpowiedziało}} w {portal} w {site}: skopiowany znacznik albo błędne zdarzenie',
  'found.cloneSigns':
    '{goods, plural, one {# numer seryjny odczytany} few {# numery seryjne odczytane} other {# numerów seryjnych odczytanych}} w {portal} w {site} może mieć skopiowany znacznik: odczyt zbyt wcześnie po innym miejscu, odpowiedź innego znacznika albo towar wycofany z obrotu',
  'found.dwell':
    '{goods, plural, one {# numer seryjny {stands, select, yes {stoi} other {stał}}} few {# numery seryjne {stands, select, yes {stoją} other {stały}}} other {# numerów seryjnych {stands, select, yes {stoi} other {stało}}}} w {place} dłużej niż {minutes} min',
  'found.crossRead':
    '{goods, plural, one {# znacznik odczytano} few {# znaczniki odczytano} other {# znaczników odczytano}} w {portal} podczas przejścia przez {doors}: pole sięga za daleko',
  'found.diversion':
    '{goods, plural, one {# numer seryjny przeszedł} few {# numery seryjne przeszły} other {# numerów seryjnych przeszło}} przez {portal} w {site}, gdzie nie powinno ich być: {routes}',
  'found.diversion.route': '{shipment} idzie z {origin} do {destination}',
  'found.diversion.sites': 'dozwolone tylko w {sites}',

  'found.badData':
    '{goods, plural, one {# numer seryjny przeszedł} few {# numery seryjne przeszły} other {# numerów seryjnych przeszło}} przez {portal} z danymi, które nie mogą być prawdziwe: {wrong}',
  'found.badData.gtin': 'jego GTIN {gtin} nie ma na awizie {shipment}',
  'found.badData.gln': '{shipment} podaje miejsce, którego nikt nie zna',
  'found.badData.duplicate': 'wymieniony naraz przez {shipment} i {other}',
  'found.badData.shipTo': '{shipment} wysłano w inne miejsce, niż mówi awizo',
  'found.badData.order':
    '{what, select, made {przeszedł, zanim go wyprodukowano} other {przyszedł, zanim {shipment} wysłano}}',

  'found.surge':
    '{tags} znaczników odczytanych w {portal} między {from} a {to} do tej pory, zwykle {usual} o tej godzinie',
  'found.weakReads':
    '{what} odczytuje {recent} % {antenna, select, yes {znaczników, które odczytują jej drzwi} other {tego, co powinno być}}, zwykle {usual} %: obrócona, zasłonięta czy zawodzi?',
  'found.weakReads.antenna': 'antena {antenna} czytnika {reader} w {portal}',

  'rule.surge': 'Ponad {times} razy więcej znaczników odczytanych przy drzwiach niż zwykle o tej godzinie.',
  'rule.weakReads':
    'Drzwi lub jedna z ich anten odczytują mniej niż {below} % zwykłego udziału, przez {passes} przejść.',
  'rule.tamper':
    'Oznaki w drodze, że plomba nie wytrzymała: światło {light} luksów lub więcej{shock, select, none {} other {, wstrząs {shock} g lub więcej}}{opened, select, yes {, coś wyjęte z jednostki} other {}}.',
  'rule.silence': 'Brak pomiaru ({metric}) przez {lasting}.',
  'rule.silence.onlyGood': 'Pomiary przychodzą, lecz żaden dobry ({metric}) przez {lasting}: uszkodzony czujnik.',
  'rule.mkt': 'Średnia temperatura kinetyczna w ciągu {window} powyżej {limit}.',
  'rule.rate': '{metric} {way, select, up {rośnie} other {spada}} o więcej niż {limit} w ciągu {window}.',
  'rule.shock': '{metric} {limit} lub więcej.',
  'rule.shock.joined': '{metric} {limit} lub więcej, łączone w ciągu {joined}.',
  'rule.interval': 'Pomiary ({metric}) rzadsze, niż EN 12830 dopuszcza dla podróży {journey}.',
  'rule.freezeThaw': 'Rozmrożenie {times} razy lub więcej w ciągu {window}.',
  'rule.forecast': '{metric} zmierza {side, select, above {powyżej} other {poniżej}} {limit} w ciągu {within}.',
  'rule.budget': 'Zużyto więcej niż {share} % czasu poza zakresem, który znosi towar{through}.',
  'rule.budget.limits': 'Towar jest łącznie dłużej niż {budgets}, przy {share} % tego{through}.',
  'rule.budget.limit': '{budget} {ends}',
  'rule.cumulative': 'Towar jest {ends} łącznie przez {lasting} od zapakowania{through}.',
  'rule.goodsMkt': 'Średnia temperatura kinetyczna towaru w ciągu {window} podróży powyżej {limit}.',
  'rule.goodsFreezeThaw':
    'Towar rozmroził się po zamrożeniu {times, plural, one {raz} other {# razy}} w podróży{through}.',
  'rule.budgetForecast': 'W tempie ostatnich {window} budżet towaru wyczerpie się przed przybyciem{through}.',
  'rule.through.goods': ', według temperatury towaru, który podąża za powietrzem ze stałą czasową {constant}',
  'found.mass':
    'Oceniono jak towar, który podąża za powietrzem ze stałą czasową {constant}, {by, select, product {zarejestrowaną dla produktu {product}} other {podaną w regule: dla {product, select, none {niego} other {produktu {product}}} żadnej nie zarejestrowano}}.',
  'found.mass.none':
    'Oceniono według samego powietrza: dla {product, select, none {towaru} other {produktu {product}}} nie zarejestrowano stałej czasowej.',
  'rule.through.goodsOfProduct':
    ', według temperatury towaru, który podąża za powietrzem ze stałą czasową swojego produktu{otherwise, select, none {, a bez niej według powietrza} other {, a bez niej ze stałą {otherwise}}}',
  'rule.through.unless': ', nie licząc, gdy {metric} jest {ends}, najwyżej {most}',
  'rule.threshold':
    '{metric} {ends}{lasts, select, yes { przez {lasting} lub dłużej} other {}}{clear, select, yes {, aż będzie {clears}} other {}}{through}.',
  'rule.door':
    'Drzwi {side, select, above {otwarte} other {zamknięte}}{lasts, select, yes { przez {lasting} lub dłużej} other {}}.',
  'rule.end.above': 'powyżej {limit}',
  'rule.end.atOrAbove': 'przy {limit} lub powyżej',
  'rule.end.below': 'poniżej {limit}',
  'rule.end.atOrBelow': 'przy {limit} lub poniżej',
  'rule.clear.above': '{limit} lub mniej',
  'rule.clear.below': '{limit} lub więcej',
  'rule.either': '{one} lub {other}',
  'rule.duration.day': '{count, plural, one {# dzień} other {# dni}}',
  'rule.duration.hour': '{count, plural, one {# godzina} few {# godziny} other {# godzin}}',
  'rule.duration.minute': '{count, plural, one {# minuta} few {# minuty} other {# minut}}',
  'rule.duration.second': '{count, plural, one {# sekunda} few {# sekundy} other {# sekund}}',
  'rule.duration.ms': '{count} ms',

  'rule.unexpected': '{atLeast} lub więcej numerów seryjnych w przejściu, których nie oczekuje tam żadna przesyłka.',
  'rule.blocked':
    '{atLeast} lub więcej numerów seryjnych w przejściu, które nie mogą iść dalej: wycofane, skradzione, przeterminowane lub wyłączone z obrotu.',
  'rule.shortage':
    '{atLeast} lub więcej numerów seryjnych przesyłki, które nie {when, select, departure {wychodzą} receipt {przychodzą} other {wychodzą lub przychodzą}} z resztą; na jednostki czeka się {wait} po ostatniej.',
  'rule.noData': '{atLeast} lub więcej numerów seryjnych w przejściu, o których za mało wiadomo: {needs}.',
  'rule.wrongDirection':
    '{atLeast} lub więcej numerów seryjnych idących wbrew {way, select, none {kierunkowi swojej przesyłki} other {kierunkowi drzwi, które są dla {way}}}.',
  'rule.wrongPortal':
    '{atLeast} lub więcej numerów seryjnych przechodzących przez {doors, select, none {inne drzwi niż większość ich przesyłki} other {inne drzwi niż {doors}}}.',
  'rule.expired':
    '{atLeast} lub więcej numerów seryjnych w ruchu {days, plural, =0 {po upływie ważności} one {na mniej niż # dzień przed upływem ważności} other {na mniej niż # dni przed upływem ważności}}.',
  'rule.clone':
    '{atLeast} lub więcej numerów seryjnych odczytanych w dwóch miejscach w ciągu {travel}: wcześniej, niż mogą podróżować.',
  'rule.cloneSigns': '{atLeast} lub więcej numerów seryjnych, których znacznik może być kopią: {signs}.',
  'rule.cloneSign.travel': 'odczytane w dwóch miejscach w ciągu {travel}',
  'rule.cloneSign.tid': 'odpowiedział inny znacznik niż przedtem',
  'rule.cloneSign.ended': 'odczytane, choć zniszczone, wydane lub wycofane',
  'rule.dwell':
    '{atLeast} lub więcej numerów seryjnych pozostających dłużej niż {longer} {places, select, none {tam, dokąd zaprowadziły je drzwi} other {w {places}}}.',
  'rule.crossRead': '{atLeast} lub więcej znaczników odczytanych przy drzwiach, które przeszły przez inne.',
  'rule.badData':
    '{atLeast} lub więcej numerów seryjnych w przejściu, o których awiza i zdarzenia mówią to, co niemożliwe: {checks}.',
  'rule.diversion':
    '{atLeast} lub więcej numerów seryjnych w miejscu, które nie jest {sites, select, none {końcem ich przesyłki} other {żadnym z {sites}}}.',
};
