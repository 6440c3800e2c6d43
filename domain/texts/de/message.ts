import type { MessageTexts } from '../en/message.ts';

/** What a message about an alert says, in German. */
export const message: MessageTexts = {
  'message.alert.opened': 'Ein Alarm wurde ausgelöst.',
  'message.alert.escalated': 'Noch hat niemand diesen Alarm bestätigt; Sie werden gebeten, einzugreifen.',
  'message.alert.reminded': 'Noch hat niemand diesen Alarm bestätigt.',
  'message.alert.snoozeEnded': 'Der Alarm war zurückgestellt, und seine Zeit ist um.',
  'message.alert.acknowledged': 'Bestätigt von {who}.',
  'message.alert.resolved': 'Erledigt von {who}.',
  'message.alert.retracted':
    'Das ist nicht geschehen: spätere Daten sagen etwas anderes. Der Alarm ist zurückgenommen.',
  'message.alert.changed':
    'Was dieser Alarm betrifft, hat sich geändert, seit jemand gehandelt hat. Sehen Sie die Seriennummern noch einmal an.',
  'message.alert.flapping':
    'Er kommt und geht zu oft: {opened, number}-mal in {withinMinutes, number} Minuten. Was ab jetzt kommt, wird zurückgehalten, bis das vorbei ist.',
  'message.alert.flappingEnded': 'Er kommt und geht nicht mehr ständig. Was noch besteht, wird ab jetzt gemeldet.',
  'message.group.standing': 'Diese Alarme kamen zusammen und werden zusammen gemeldet.',
  'message.group.ended': 'Es ist vorbei: keiner dieser Alarme ist noch offen.',
  'message.silence.title': 'Eine Stummschaltung von Ihnen ist zu Ende: {reason}',
  'message.silence':
    'Sie endete um {until}. {muted, plural, =0 {Sie hat keinen Alarm zurückgehalten.} one {Sie hat # Alarm zurückgehalten.} other {Sie hat # Alarme zurückgehalten.}} Was noch besteht, wird ab jetzt gemeldet.',
  'message.other': 'An einem Alarm hat sich etwas geändert.',
  'message.clock.site': '{time} (am Ort {site})',
  'message.code': '{code} ist Ihr Code',
  'message.code.sentence':
    'Geben Sie ihn unter Konto ein, um an dieser Adresse benachrichtigt zu werden. Wenn Sie ihn nicht angefordert haben, tun Sie nichts.',
  'message.link.account': 'Ihr Konto',
  'message.channel.test': 'Dies ist ein Test',
  'message.channel.test.sentence':
    'Jemand hat ihn aus Isotherm gesandt, um zu sehen, ob Nachrichten über den Kanal {channel} ankommen. Es ist nichts geschehen.',
  'message.severity': '{severity, select, critical {Kritisch} warning {Warnung} info {Hinweis} other {{severity}}}',
  'message.title': '{taken, select, true {Zurückgenommen: } other {}}{severity}: {summary}',
  'message.fact.serials': 'Betroffene Seriennummern',
  'message.fact.serials.value': '{count, plural, =0 {keine} one {# Seriennummer} other {# Seriennummern}}',
  'message.fact.alerts': 'Alarme',
  'message.fact.alerts.value':
    '{alerts, plural, one {# Alarm} other {# Alarme}}, {open, number} offen, {running, number} dauern an',
  'message.fact.exposure': 'Schlimmste Exposition',
  'message.fact.exposure.minutes': '{minutes, plural, one {# Minute} other {# Minuten}} außerhalb des Bereichs',
  'message.fact.exposure.extreme': 'bis {extreme}',
  'message.fact.exposure.limit': '{extreme}, die Grenze ist {limit}',
  'message.fact.place': 'Wo',
  'message.fact.since': 'Seit',
  'message.fact.until': '{from} bis {to}',
  'message.fact.for': 'Für',
  'message.fact.stake': 'Auf dem Spiel',
  'message.fact.stake.class':
    '{serials, plural, one {# Seriennummer} other {# Seriennummern}} der Wertklasse {valueClass, number}',
  'message.fact.stake.budget': 'mindestens noch {minutes, plural, one {# Minute} other {# Minuten}} Stabilitätsbudget',
  'message.fact.late': 'Spät gefunden',
  'message.fact.late.value': 'die Messwerte kamen nach dem Geschehen',
  'message.serials.more': '{count, plural, one {und # weitere} other {und # weitere}}',
  'message.do': 'Was jetzt zu tun ist',
  'message.do.threshold':
    'Bringen Sie die Ware zurück in ihren Bereich, dann suchen Sie die Ursache. Geben Sie nichts frei, was betroffen ist: das entscheidet die Qualität.',
  'message.do.silence':
    'Sehen Sie nach Logger und Gateway: Strom, Netz, Batterie. Bis er sich meldet, ist die Luft unbekannt.',
  'message.do.mkt': 'Halten Sie die Ware an; das Mittel der ganzen Zeit ist zu warm. Die Qualität entscheidet.',
  'message.do.rate': 'Sehen Sie nach, ob eine Tür offen steht oder die Kühlung ausgefallen ist.',
  'message.do.shock': 'Sehen Sie nach Schäden an Ware und Verpackung.',
  'message.do.interval': 'Stellen Sie den Logger auf häufigere Messungen, oder legen Sie einen zweiten daneben.',
  'message.do.freezeThaw': 'Halten Sie die Ware an; sie war gefroren und ist aufgetaut. Die Qualität entscheidet.',
  'message.do.forecast': 'Es ist noch Zeit: handeln Sie, bevor die Grenze erreicht ist.',
  'message.do.unexpected': 'Halten Sie die Palette am Tor an, und vergleichen Sie sie mit ihren Papieren.',
  'message.do.blocked': 'Diese Ware darf nicht weiter. Stellen Sie sie beiseite, und fragen Sie die Qualität.',
  'message.do.group': 'Suchen Sie die eine Ursache: Strom, Netz oder Kühlung des ganzen Orts.',
  'message.do.health':
    'Sehen Sie unter Administration, System health nach: dort steht, was ausfällt und was zu tun ist.',
  'message.do.other': 'Sehen Sie den Alarm an, und entscheiden Sie, wer sich darum kümmert.',
  'message.mention': '{by} erwähnt Sie in {case}',
  'message.fact.case': 'Fall',
  'message.link.case': 'Fall öffnen',
  'message.link.alert': 'Alarm öffnen',
  'message.link.alerts': 'Alarme öffnen',
  'message.pin': 'Zum Bestätigen {pin} antworten.',
  'message.link.acknowledge': 'Bestätigen…',
  'message.footer': 'Isotherm sendet dies, weil eine Regel der Alarmierung hierher führt.',
};
