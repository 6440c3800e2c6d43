import type { ToldTexts } from '../en/told.ts';

/** What is told of goods, alerts and rules, in German. */
export const told: ToldTexts = {
  'summary.threshold':
    '{device} {side, select, above {über} at {bei} other {unter}} {limit}{unit, select, none {} other { {unit}}} seit {duration}',
  'summary.silence': '{device}: keine Messung von {metric}, überfällig seit {since}',
  'summary.silence.over': '{device}: keine Messung von {metric}, überfällig für {duration}',
  'summary.mkt': '{device}: mittlere kinetische Temperatur über {limit} {unit}, bis zu {extreme} {unit}',
  'summary.rate': '{device}: {metric} änderte sich um {extreme} {unit}, mehr als {limit} {unit}',
  'summary.shock': '{device}: {metric} von {extreme} {unit}',
  'summary.interval': '{device}: Messungen von {metric} liegen bis zu {extreme} Minuten auseinander',
  'summary.freezeThaw': '{device}: aufgetaut, nachdem es gefroren war',
  'summary.forecast': '{device}: {metric} auf dem Weg zu {limit} {unit}, am nächsten {minutes} min davon entfernt',
  'summary.budget':
    '{shipment}: {serials, plural, one {# Seriennummer} other {# Seriennummern}} {extreme} min außerhalb, mehr als ihr Budget von {limit} min',
  'summary.cumulative':
    '{shipment}: {serials, plural, one {# Seriennummer} other {# Seriennummern}} zusammen {extreme} min jenseits der Grenze, {limit} min sind ein Alarm',
  'summary.goodsMkt':
    '{shipment}: mittlere kinetische Temperatur von {serials, plural, one {# Seriennummer} other {# Seriennummern}} über {limit} {unit}, bis zu {extreme} {unit}',
  'summary.goodsFreezeThaw':
    '{shipment}: {serials, plural, one {# Seriennummer} other {# Seriennummern}} nach dem Gefrieren {extreme, plural, one {einmal} other {#-mal}} aufgetaut',
  'summary.budgetForecast':
    '{shipment}: das Budget von {serials, plural, one {# Seriennummer} other {# Seriennummern}} ist vor der Ankunft verbraucht, {extreme} min erwartet von {limit} min',
  'summary.tamper':
    '{shipment}: {serials, plural, one {# Seriennummer} other {# Seriennummern}} mit {extreme, plural, one {einem Zeichen} other {# Zeichen}} von Manipulation unterwegs',
  'summary.unexpected':
    '{serials, plural, one {# Seriennummer} other {# Seriennummern}} an {portal}, die niemand erwartet',
  'summary.blocked':
    '{serials, plural, one {# Seriennummer darf} other {# Seriennummern dürfen}} an {portal} nicht weiter ({reasons})',

  'summary.group.opened': '{about}: {alerts, plural, one {# Alarm} other {# Alarme}}, {running, number} dauern an',
  'summary.group.changed':
    '{about}: {alerts, plural, one {# Alarm} other {# Alarme}}, {running, number} dauern an, {added, number} davon neu, {retracted, number} zurückgenommen',
  'summary.group.escalated':
    '{about}: niemand hat {open, plural, one {# Alarm} other {# Alarme}} von {alerts, number} bestätigt, {running, number} dauern an',
  'summary.group.reminded':
    '{about}: noch immer hat niemand {open, plural, one {# Alarm} other {# Alarme}} von {alerts, number} bestätigt, {running, number} dauern an',
  'summary.group.ended':
    '{about}: vorbei; {alerts, plural, one {# Alarm} other {# Alarme}}, {open, number} davon von niemandem bestätigt, {retracted, number} zurückgenommen',

  'summary.health': 'Isotherm selbst: {part} schlägt fehl und wird wiederholt',
  'summary.health.disk': 'Isotherm selbst: die Platte des Datenverzeichnisses läuft voll',
  'summary.health.log-size': 'Isotherm selbst: das Log läuft voll; ist es voll, wird nichts mehr bestätigt',
  'summary.health.backup': 'Isotherm selbst: die letzte Sicherung ist zu alt',
  'summary.health.device': 'Isotherm selbst: von {name} wird nichts angenommen',
  'summary.health.calibration due': 'Isotherm selbst: die Kalibrierung von {name} wird fällig',
  'summary.health.calibration overdue': 'Isotherm selbst: die Kalibrierung von {name} ist überfällig',
  'summary.health.certificate': 'Isotherm selbst: um das Zertifikat von {name} muss sich jemand kümmern',
  'summary.health.append': 'Isotherm selbst: nichts kann angenommen werden',
  'summary.health.writer': 'Isotherm selbst: Messwerte werden angenommen und nicht gespeichert',
  'summary.health.writer checkpoint': 'Isotherm selbst: Messwerte werden angenommen und nicht gespeichert',
  'summary.health.tracer': 'Isotherm selbst: Sendungen und Durchgänge werden nicht verfolgt',
  'summary.health.tracer checkpoint': 'Isotherm selbst: Sendungen und Durchgänge werden nicht verfolgt',
  'summary.health.evaluator': 'Isotherm selbst: Regeln werden nicht beurteilt, Alarme können fehlen',
  'summary.health.evaluator checkpoint': 'Isotherm selbst: Regeln werden nicht beurteilt, Alarme können fehlen',
  'summary.health.alerts': 'Isotherm selbst: manche Alarme können nicht ausgearbeitet werden',
  'summary.health.notifier': 'Isotherm selbst: Nachrichten werden nicht gesendet',
  'summary.health.archive': 'Isotherm selbst: empfangene Nachrichten werden nicht archiviert',
  'summary.health.archive checkpoint': 'Isotherm selbst: empfangene Nachrichten werden nicht archiviert',
  'summary.health.retention': 'Isotherm selbst: was seine Aufbewahrungsfrist überschritten hat, wird nicht gelöscht',
  'summary.health.dead-records':
    'Isotherm selbst: Datensätze konnten nicht angenommen werden und warten auf einen Menschen',
  'summary.health.routing': 'Isotherm selbst: die Weiterleitung der Alarme nennt, was es nicht mehr gibt',
  'summary.health.heartbeat': 'Isotherm selbst: der Wächter draußen nimmt den Herzschlag nicht an',
  'summary.health.undelivered-messages': 'Isotherm selbst: Nachrichten wurden aufgegeben und warten auf einen Menschen',

  'disposition.range': 'Es musste {limits} bleiben.',
  'disposition.range.between': 'zwischen {min} und {max} {unit}',
  'disposition.range.below': 'bei {max} {unit} oder kälter',
  'disposition.range.above': 'bei {min} {unit} oder wärmer',
  'disposition.limits.none': 'Niemand sagt, zwischen welchen Temperaturen es bleiben musste: ein Mensch muss urteilen.',
  'disposition.measured':
    'Es war zwischen {min} und {max} {unit}; seine mittlere kinetische Temperatur ist {mkt} {unit}.',
  'disposition.measured.none': 'In seiner Umgebung wurde nichts gemessen: ein Mensch muss urteilen.',
  'disposition.inside': 'Es war nie außerhalb der Grenzen.',
  'disposition.outside': 'Es war {above} min über und {below} min unter den Grenzen.',
  'disposition.excused': '{minutes} min davon sind durch einen signierten Schritt entschuldigt.',
  'disposition.frozen':
    'Es war bei {min} {unit}, und keine Zeit außerhalb der Grenzen wiegt Gefrieren auf: ein Mensch muss urteilen.',
  'disposition.budget.none': 'Niemand sagt, wie lange das Produkt das verträgt: ein Mensch muss urteilen.',
  'disposition.budget.carried': 'Es brachte {minutes} min außerhalb der Grenzen mit.',
  'disposition.budget.kept':
    'Von {limit} min, die das Produkt über sein ganzes Leben verträgt, sind {used} min verbraucht und {left} min übrig.',
  'disposition.budget.overdrawn':
    'Von {limit} min, die das Produkt über sein ganzes Leben verträgt, sind {used} min verbraucht: {over} min zu viel.',
  'disposition.unknown': '{unknown} min sind ohne Daten und {suspect} min nur mit verdächtigen Daten.',
  'disposition.unknown.harmless':
    'Auch wenn es die ganze Zeit außerhalb der Grenzen gewesen wäre, würde das Produkt es vertragen.',
  'disposition.unknown.counted': 'Sie zählen als außerhalb der Grenzen, wie es das Lagerprofil sagt.',
  'disposition.unknown.asked':
    'Wäre es die ganze Zeit außerhalb der Grenzen gewesen, würde das Produkt es nicht vertragen: ein Mensch muss urteilen.',
  'disposition.unknown.unbudgeted':
    'Niemand sagt, wie lange das Produkt außerhalb der Grenzen verträgt: ein Mensch muss über diese Zeit urteilen.',

  'case.title.shipment': 'Abweichung der Sendung {shipment}',
  'case.title.place': 'Abweichung in {place}',
  'case.title.device': 'Abweichung bei {device}, dessen Ort niemand nennt',
  'case.title.missing': 'Daten von {device} fehlen',
  'case.title.late': 'Daten, die kamen, nachdem {id} geschlossen war',

  'found.shortage':
    '{goods, plural, one {# Seriennummer} other {# Seriennummern}} von {shipments} {role, select, origin {gingen nicht} destination {kamen nicht} other {nicht gesehen}} mit den übrigen an {portal}',
  'found.wrongDirection':
    '{goods, plural, one {# Seriennummer ging} other {# Seriennummern gingen}} durch {portal} in {site} {direction, select, in {hinein} other {hinaus}}, gegen den Weg, den sie gehen sollten',
  'found.wrongPortal':
    '{goods, plural, one {# Seriennummer ging} other {# Seriennummern gingen}} durch {portal} und hätten durch {doors} gehen sollen',
  'found.noData':
    '{goods, plural, one {# Seriennummer ging} other {# Seriennummern gingen}} ohne Daten durch {portal}: {lacking}',
  'found.noData.both': '{one}, {other}',
  'found.noData.notice': 'kein Lieferavis nennt sie',
  'found.noData.lot': 'die Charge ist nicht bekannt',
  'found.noData.expiry': 'das Verfalldatum ist nicht bekannt',
  'found.expired':
    '{goods, plural, one {# Seriennummer ging} other {# Seriennummern gingen}} durch {portal} {past, plural, =0 {mit weniger als {days, plural, one {# Tag} other {# Tagen}} bis zum Verfall} other {nach dem Verfall}}',
  'found.clone':
    '{goods, plural, one {# Seriennummer wurde} other {# Seriennummern wurden}} an {portal} in {site} früher nach einem anderen Standort gelesen, als sie reisen können: ein kopiertes Etikett, oder Ware, die nicht ist, was sie sagt',
  'found.cloneTid':
    '{goods, plural, one {# Seriennummer antwortete} other {# Seriennummern antworteten}} an {portal} in {site} mit einem anderen Etikett als zuvor oder mit zweien: ein kopiertes Etikett oder eines, das ersetzt wurde',
  'found.cloneEnded':
    '{goods, plural, one {# Seriennummer, die als vernichtet, abgegeben oder deaktiviert gilt, antwortete} other {# Seriennummern, die als vernichtet, abgegeben oder deaktiviert gelten, antworteten}} an {portal} in {site}: ein kopiertes Etikett oder ein falsches Ereignis',
  'found.cloneSigns':
    '{goods, plural, one {# Seriennummer, die} other {# Seriennummern, die}} an {portal} in {site} gelesen {goods, plural, one {wurde, hat} other {wurden, haben}} vielleicht ein kopiertes Etikett: zu früh nach einem anderen Standort gelesen, von einem anderen Etikett beantwortet oder nicht mehr im Umlauf',
  'found.dwell':
    '{goods, plural, one {# Seriennummer {stands, select, yes {steht} other {stand}}} other {# Seriennummern {stands, select, yes {stehen} other {standen}}}} in {place} länger als {minutes} min',
  'found.crossRead':
    '{goods, plural, one {# Etikett wurde} other {# Etiketten wurden}} an {portal} gelesen, während sie durch {doors} gingen: sein Feld reicht zu weit',
  'found.diversion':
    '{goods, plural, one {# Seriennummer ging} other {# Seriennummern gingen}} durch {portal} in {site}, wo sie nicht sein sollten: {routes}',
  'found.diversion.route': '{shipment} geht von {origin} nach {destination}',
  'found.diversion.sites': 'nur in {sites} erlaubt',

  'found.badData':
    '{goods, plural, one {# Seriennummer ging} other {# Seriennummern gingen}} durch {portal} mit Daten, die nicht stimmen können: {wrong}',
  'found.badData.gtin': 'die GTIN {gtin} steht nicht auf dem Lieferavis von {shipment}',
  'found.badData.gln': '{shipment} nennt einen Ort, den niemand kennt',
  'found.badData.duplicate': 'von {shipment} und {other} zugleich genannt',
  'found.badData.shipTo': '{shipment} wurde an einen anderen Ort gesandt, als das Lieferavis sagt',
  'found.badData.order':
    '{what, select, made {ging durch, bevor sie hergestellt war} other {kam an, bevor {shipment} versandt war}}',

  'found.surge': '{tags} Etiketten an {portal} zwischen {from} und {to} bisher gelesen, sonst {usual} in dieser Stunde',
  'found.weakReads':
    '{what} liest {recent} % {antenna, select, yes {der Etiketten, die seine Tür liest} other {dessen, was da sein sollte}}, sonst {usual} %: verdreht, verdeckt oder am Ausfallen?',
  'found.weakReads.antenna': 'Antenne {antenna} von {reader} an {portal}',

  'rule.surge': 'Mehr als {times}-mal so viele Etiketten an einer Tür gelesen wie sonst in dieser Stunde.',
  'rule.weakReads':
    'Eine Tür, oder eine ihrer Antennen, liest über {passes} Durchgänge weniger als {below} % ihres üblichen Anteils.',
  'rule.tamper':
    'Zeichen unterwegs, dass ein Siegel nicht hielt: Licht von {light} Lux oder mehr{shock, select, none {} other {, ein Stoß von {shock} g oder mehr}}{opened, select, yes {, etwas aus seiner Einheit genommen} other {}}.',
  'rule.silence': 'Keine Messung von {metric} für {lasting}.',
  'rule.silence.onlyGood': 'Messungen kommen, und keine gute von {metric} für {lasting}: ein defekter Sensor.',
  'rule.mkt': 'Mittlere kinetische Temperatur über {window} über {limit}.',
  'rule.rate': '{metric} {way, select, up {steigt} other {fällt}} um mehr als {limit} innerhalb von {window}.',
  'rule.shock': '{metric} von {limit} oder mehr.',
  'rule.shock.joined': '{metric} von {limit} oder mehr, zusammengefasst innerhalb von {joined}.',
  'rule.interval': 'Messungen von {metric} weiter auseinander, als EN 12830 es für eine Reise von {journey} erlaubt.',
  'rule.freezeThaw': '{times}-mal oder öfter innerhalb von {window} aufgetaut.',
  'rule.forecast': '{metric} auf dem Weg {side, select, above {über} other {unter}} {limit} innerhalb von {within}.',
  'rule.budget': 'Mehr als {share} % der Zeit, die Ware außerhalb der Grenzen verträgt, sind verbraucht{through}.',
  'rule.budget.limits': 'Ware ist zusammen länger als {budgets}, bei {share} % davon{through}.',
  'rule.budget.limit': '{budget} {ends}',
  'rule.cumulative': 'Ware ist seit dem Packen zusammen {lasting} lang {ends}{through}.',
  'rule.goodsMkt': 'Mittlere kinetische Temperatur der Ware über {window} ihrer Reise über {limit}.',
  'rule.goodsFreezeThaw':
    'Ware ist auf ihrer Reise nach dem Gefrieren {times, plural, one {einmal} other {#-mal}} aufgetaut{through}.',
  'rule.budgetForecast':
    'Beim Tempo der letzten {window} ist das Budget der Ware verbraucht, bevor sie ankommt{through}.',
  'rule.through.goods': ', nach der Temperatur von Ware, die der Luft mit einer Zeitkonstante von {constant} folgt',
  'found.mass':
    'Beurteilt als Ware, die der Luft mit einer Zeitkonstante von {constant} folgt, {by, select, product {wie für Produkt {product} erfasst} other {wie die Regel sagt: Für {product, select, none {sie} other {Produkt {product}}} ist keine erfasst}}.',
  'found.mass.none':
    'Nach der Luft selbst beurteilt: Für {product, select, none {sie} other {Produkt {product}}} ist keine Zeitkonstante erfasst.',
  'rule.through.goodsOfProduct':
    ', nach der Temperatur von Ware, die der Luft mit der Zeitkonstante ihres Produkts folgt{otherwise, select, none {, ohne eine nach der Luft} other {, ohne eine mit {otherwise}}}',
  'rule.through.unless': ', nicht gezählt, solange {metric} {ends} ist, höchstens {most} davon',
  'rule.threshold':
    '{metric} {ends}{lasts, select, yes { für {lasting} oder länger} other {}}{clear, select, yes {, bis sie {clears} ist} other {}}{through}.',
  'rule.door':
    'Tür {side, select, above {offen} other {geschlossen}}{lasts, select, yes { für {lasting} oder länger} other {}}.',
  'rule.end.above': 'über {limit}',
  'rule.end.atOrAbove': 'bei {limit} oder darüber',
  'rule.end.below': 'unter {limit}',
  'rule.end.atOrBelow': 'bei {limit} oder darunter',
  'rule.clear.above': '{limit} oder weniger',
  'rule.clear.below': '{limit} oder mehr',
  'rule.either': '{one} oder {other}',
  'rule.duration.day': '{count, plural, one {# Tag} other {# Tage}}',
  'rule.duration.hour': '{count, plural, one {# Stunde} other {# Stunden}}',
  'rule.duration.minute': '{count, plural, one {# Minute} other {# Minuten}}',
  'rule.duration.second': '{count, plural, one {# Sekunde} other {# Sekunden}}',
  'rule.duration.ms': '{count} ms',

  'rule.unexpected': '{atLeast} oder mehr Seriennummern in einem Durchgang, die dort keine Sendung erwartet.',
  'rule.blocked':
    '{atLeast} oder mehr Seriennummern in einem Durchgang, die nicht weiter dürfen: zurückgerufen, gestohlen, verfallen oder außer Betrieb genommen.',
  'rule.shortage':
    '{atLeast} oder mehr Seriennummern einer Sendung, die nicht mit den übrigen {when, select, departure {gehen} receipt {kommen} other {gehen oder kommen}}; auf Einheiten wird {wait} nach der letzten gewartet.',
  'rule.noData': '{atLeast} oder mehr Seriennummern in einem Durchgang, von denen nicht genug bekannt ist: {needs}.',
  'rule.wrongDirection':
    '{atLeast} oder mehr Seriennummern, die sich gegen {way, select, none {den Weg ihrer Sendung} other {die Richtung der Tür, die für {way} ist,}} bewegen.',
  'rule.wrongPortal':
    '{atLeast} oder mehr Seriennummern, die durch {doors, select, none {eine andere Tür als der größte Teil ihrer Sendung} other {eine andere Tür als {doors}}} gehen.',
  'rule.expired':
    '{atLeast} oder mehr Seriennummern, die {days, plural, =0 {nach ihrem Verfall} one {mit weniger als # Tag bis zum Verfall} other {mit weniger als # Tagen bis zum Verfall}} bewegt werden.',
  'rule.clone':
    '{atLeast} oder mehr Seriennummern, die innerhalb von {travel} an zwei Standorten gelesen werden: früher, als sie reisen können.',
  'rule.cloneSigns': '{atLeast} oder mehr Seriennummern, deren Etikett eine Kopie sein kann: {signs}.',
  'rule.cloneSign.travel': 'innerhalb von {travel} an zwei Standorten gelesen',
  'rule.cloneSign.tid': 'von einem anderen Etikett beantwortet als zuvor',
  'rule.cloneSign.ended': 'gelesen, obwohl vernichtet, abgegeben oder deaktiviert',
  'rule.dwell':
    '{atLeast} oder mehr Seriennummern, die länger als {longer} {places, select, none {dort bleiben, wohin eine Tür sie brachte} other {in {places} bleiben}}.',
  'rule.crossRead': '{atLeast} oder mehr Etiketten, die an einer Tür gelesen werden und durch eine andere gingen.',
  'rule.badData':
    '{atLeast} oder mehr Seriennummern in einer Durchfahrt, von denen Lieferavise und Ereignisse sagen, was nicht sein kann: {checks}.',
  'rule.diversion':
    '{atLeast} oder mehr Seriennummern an einem Standort, der {sites, select, none {kein Ende ihrer Sendung} other {keiner von {sites}}} ist.',
};
