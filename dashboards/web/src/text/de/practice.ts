import type { Translation } from '../translation.ts';

/** Practising on invented goods beside the real site, in German, whole. Names in quotes are those that the page shows. */
export const practice: Translation = {
  'practice.title': 'Übung',
  'practice.menu': 'Üben',
  'practice.lead':
    'Erfundene Ware neben dem echten Standort: drei Standorte, fünf Sendungen, eine offen gelassene Tür, eine Palette mit zu vielen Seriennummern. Dort tun Sie Schritt für Schritt, was Ihre Rolle tut, unter Ihrem eigenen Namen, und können nichts kaputt machen.',
  'practice.apart':
    'Die Übung hat ihren eigenen Prozess, ihre eigene Datenbank und ihr eigenes Journal und sendet niemandem etwas. Nichts davon erscheint hier, weder in Alarmen, Berichten, Exporten und Zahlen noch im Journal. Dass Sie geübt haben, steht im Audit-Trail.',
  'practice.role': 'Wessen Aufgaben',
  'practice.role.logistics': 'Logistik',
  'practice.role.quality': 'Qualität',
  'practice.role.dock': 'Rampe',
  'practice.role.operations': 'Betrieb',
  'practice.start': 'Übung starten',
  'practice.enter': 'Hineingehen',
  'practice.starting': 'Die Ware wird bereitgestellt; das dauert bis zu einer Minute.',
  'practice.runs':
    '{people, plural, =0 {Alles ist bereit. Noch ist niemand hineingegangen.} one {Die Übung läuft; eine Person ist hineingegangen.} other {Die Übung läuft; # Personen sind hineingegangen.}}',
  'practice.failed': 'Die Übung ließ sich nicht starten: {reason}',
  'practice.anew': 'Von vorn beginnen',
  'practice.anew.ask':
    '{people, plural, =0 {Alles in den Anfangszustand zurücksetzen?} one {Was eine Person geübt hat, beenden und alles zurücksetzen?} other {Was # Personen geübt haben, beenden und alles zurücksetzen?}}',
  'practice.end': 'Übung beenden',
  'practice.end.ask': 'Für alle beenden? Was geübt wurde, ist dann weg.',
  'practice.others':
    'Auch andere üben dort. Beenden oder von vorn beginnen kann die Verwaltung; was Sie selbst getan haben, bleibt bis dahin.',
  'practice.ended': 'Sie läuft nicht.',
  'practice.off.title': 'Hier wird keine Übung angeboten',
  'practice.off':
    'Wer diese Installation betreibt, schaltet sie in der Konfiguration mit practice.enabled ein; dann lassen sich hier die Aufgaben Ihrer Rolle mit erfundener Ware üben.',
  'practice.off.help': 'Was sich üben lässt und wie man es einschaltet',
  'practice.idle': 'Wenn sie eine Stunde lang niemand benutzt, endet sie von selbst.',
  'practice.entering': 'Es geht hinein…',
  'practice.entry.bad': 'Dieser Zugang gilt nicht mehr',
  'practice.entry.bad.next':
    'Er öffnet einmal, innerhalb einer Minute. Gehen Sie zurück zum echten Standort und wählen Sie noch einmal „Hineingehen“.',
  'practice.as': 'Sie üben als {role}: {done} von {all} Aufgaben erledigt.',
  'practice.next': 'Als Nächstes: {job}',
  'practice.how': 'Wie',
  'practice.open': 'Seite öffnen',
  'practice.all': 'Alle Aufgaben',
  'practice.leave': 'Zurück zum echten Standort',
  'practice.allDone':
    'Alle Aufgaben dieser Rolle sind erledigt. Beginnen Sie am echten Standort von vorn, oder üben Sie eine andere Rolle.',
  'practice.password': 'Wo etwas unterschrieben wird, ist Ihr Passwort hier {password}',
  'practice.jobs': 'Aufgaben: {role}',
  'practice.done': 'erledigt',
  'practice.open.job': 'zu tun',
  'practice.seen': 'Erledigt ist, was im Audit-Trail der Übung steht: Sie haken nichts ab.',
  'practice.job.see-trouble': 'Auf einen Blick sehen, was nicht stimmt, und das als eigene Ansicht behalten',
  'practice.steps.see-trouble':
    'Auf die Kachel der Abweichungen klicken: nur diese Sendungen bleiben.\n„Ansichten“ öffnen, ihr einen Namen geben und „Diese Ansicht speichern“ wählen.',
  'practice.job.announce': 'Eine Sendung ankündigen',
  'practice.steps.announce':
    'Wählen, woher sie kommt, wohin sie geht und wann.\nEiner Einheit eine Nummer und einen Logger geben, damit ihre Ware überwacht ist.\nAbsenden. Was falsch ist, steht neben seiner Zeile.',
  'practice.job.correct': 'Eine Sendung berichtigen, die später ankommt',
  'practice.steps.correct':
    'Bei SHP-1003 „Correct“ wählen.\nDie Ankunft zwei Stunden später setzen.\nSagen, warum, und „Correct it“ wählen.',
  'practice.job.share': 'Einem Kunden seine Sendung zeigen',
  'practice.steps.share':
    'Bei SHP-1001 zu „Links for customers“ gehen und „Make a link“ wählen.\nSagen, für wen er ist und was er zeigt.\nDen Link öffnen: das sieht der Kunde.',
  'practice.job.take-case': 'Sich eines Falles annehmen',
  'practice.steps.take-case':
    'Einen Fall der Liste öffnen, den, der als Erster fällig ist.\nWählen, wer sich kümmert: Sie.',
  'practice.job.decide': 'Über die Seriennummern eines Falles entscheiden und unterschreiben',
  'practice.steps.decide':
    'Lesen, was jede Gruppe erlebt hat und was warum vorgeschlagen wird.\n„Decide as proposed“ wählen oder anders entscheiden, und sagen, warum.\nMit Ihrem Passwort von hier unterschreiben.',
  'practice.job.hold': 'Die Aufzeichnungen einer Sendung vor dem Löschen bewahren',
  'practice.steps.hold':
    'Bei SHP-1005 „Put on hold“ wählen.\nSagen, warum: etwa eine Reklamation, die untersucht wird.',
  'practice.job.set-aside': 'Messwerte ausnehmen, die nicht von der Ware sind',
  'practice.steps.set-aside':
    'Bei LOG-201 „Set readings aside“ wählen.\nDie Zeit angeben, in der sie falsch sind, und warum.\nSie bleiben in der Aufzeichnung und zählen für nichts.',
  'practice.job.settle': 'Eine Palette klären, auf der drei zu viel sind und eine fehlt',
  'practice.steps.settle':
    'Die letzte Palette durch Madrid dock 1 ansehen: was sie zu viel zeigt und was fehlt.\nBei einer Zeile „Settle“ wählen und sagen, wie: angesehen, gezählt oder gescannt.\nMit den übrigen ebenso.',
  'practice.job.verify': 'Fragen, ob eine Packung weiter darf',
  'practice.steps.verify':
    'Abtippen statt scannen: GTIN 80614141123458, Seriennummer 1000, Charge A17, verwendbar bis 2028-06-30.\n„Prüfen“ wählen und lesen, warum.',
  'practice.job.count': 'Eine Einheit von Hand zählen',
  'practice.steps.count':
    'Bei SHP-1002 „Count a unit“ öffnen.\nDie gefundenen Seriennummern einfügen, je Zeile eine: urn:epc:id:sgtin:0614141.812346.3000 und so weiter.\nDie Zählung senden.',
  'practice.job.acknowledge': 'Sagen, dass Sie sich um einen Alarm kümmern',
  'practice.steps.acknowledge': 'Den schlimmsten Alarm öffnen, um den sich niemand kümmert.\n„Quittieren“ wählen.',
  'practice.job.assign': 'Einen Alarm einem Kollegen übergeben',
  'practice.steps.assign': 'In der Liste einen Alarm ankreuzen.\n„Zuweisen“ wählen und quality nennen.',
  'practice.job.silence': 'Einen Logger stummschalten, der repariert wird',
  'practice.steps.silence':
    'Den Alarm von LOG-401 öffnen, der verstummt ist.\n„Silence“ wählen, wie lange und warum.\nBis dahin erfährt niemand davon; was gefunden wird, wird trotzdem aufgezeichnet.',
  'practice.job.resolve': 'Einen Alarm mit dem abschließen, was daraus wurde',
  'practice.steps.resolve':
    'Einen Alarm öffnen, den Sie quittiert haben.\n„Erledigen“ wählen und sagen, was daraus wurde.',
};
