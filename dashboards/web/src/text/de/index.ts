import type { Translation } from '../translation.ts';

/** German, as far as it goes: the frame around the screens, and what somebody sets for themselves. */
export const de: Translation = {
  'frame.shipments': 'Sendungen',
  'frame.cases': 'Fälle',
  'frame.alerts': 'Alarme',
  'frame.portals': 'Tore',
  'frame.loggers': 'Logger',
  'frame.rules': 'Regeln',
  'frame.verify': 'Prüfen',
  'frame.open': ' offen',
  'frame.skipToContent': 'Zum Inhalt',
  'frame.isothermStart': 'Isotherm, Anfang',
  'frame.main': 'Hauptmenü',
  'frame.mainBottom': 'Hauptmenü, unten',
  'frame.shipmentLotSerialLogger': 'Sendung, Charge, Serie, Logger',
  'frame.findAShipmentLotProduct': 'Sendung, Charge, Produkt, Seriennummer, Einheit, Logger, Tor oder Alarm finden',
  'frame.changeToColours': '{other, select, dark {Dunkle} other {Helle}} Farben',
  'frame.signedInAs': 'Angemeldet als {name}',
  'frame.demonstration': ' · Vorführung',
  'frame.signOut': 'Abmelden',
  'frame.connectionLostWhatYouSee': 'Verbindung verloren. Was Sie sehen, kann alt sein; neuer Versuch läuft.',
  'frame.isothermWasUpgraded': 'Isotherm wurde erneuert.',
  'frame.loadTheNewPage': 'Neue Seite laden',
  'frame.noSuchPage': 'Keine solche Seite',
  'frame.thereIsNoSuchPage': 'Diese Seite gibt es nicht',
  'frame.useTheMenuOrSearch': 'Nehmen Sie das Menü oder suchen Sie oben nach Sendung, Logger oder Seriennummer.',
  'account.title': 'Ihr Konto',
  'settings.title': 'Diese Seite',
  'settings.about': 'Für Sie allein, auf jedem Rechner, an dem Sie sich anmelden. Jede Wahl gilt sofort.',
  'settings.temperature': 'Temperaturen in',
  'settings.temperature.hint':
    'Werte, Grenzen und Kurven und was Sie eingeben. Aufgezeichnet wird in °C; Regeln, Nachrichten und Berichte nennen °C.',
  'settings.clock': 'Zeiten nach der Uhr',
  'settings.clock.hint': 'Welche Zeitzone gilt, steht oben auf jeder Seite.',
  'settings.clock.site': 'des Standorts',
  'settings.clock.own': 'von Ihnen',
  'settings.zone': 'Ihre Zeitzone',
  'settings.zone.hint': 'Leer: die des Rechners, an dem Sie sitzen ({zone}).',
  'settings.language': 'Sprache',
  'settings.language.hint':
    'Englisch ist ganz da. Auf Deutsch gibt es das Menü, dieses Formular und die Hinweise; der Rest bleibt englisch.',
  'settings.start': 'Erste Seite',
  'settings.start.role': 'Wie für Ihre Rolle üblich',
  'settings.start.recall': 'Rückruf',
  'settings.start.lanes': 'Strecken',
  'settings.density': 'Listen',
  'settings.density.comfortable': 'luftig',
  'settings.density.compact': 'dicht',
  'settings.sound': 'Ein neuer Alarm ist zu hören',
  'settings.sound.hint':
    'Zwei Töne, wenn er kritisch ist. Vor dem ersten Klick auf einer Seite spielt der Browser keinen.',
  'settings.notices': 'Wie Sie von Alarmen erfahren, und wann nicht',
  'settings.hints': 'Alle Hinweise wieder zeigen',
  'settings.hints.done': 'Jede Seite zeigt ihren Hinweis wieder.',
  'frame.help': 'Hilfe',
  'hint.label': 'Zu dieser Seite',
  'hint.explain': 'Diese Seite erklären',
  'hint.putAway': 'Verstanden, nicht mehr anbieten',
  'hint.more': 'Mehr in der Hilfe (englisch)',
  'hint.announce':
    'Sagen Sie, was reist: im Formular, durch Scannen der Einheiten oder aus einer Datei. Bis Sie absenden, wird nichts behalten; was falsch ist, steht neben seiner Zeile. Geben Sie jeder Einheit einen Logger, damit ihre Ware überwacht ist.',
  'hint.shipments':
    'Was einen Menschen braucht, steht oben. Der Zustand ist das Schlimmste aus dem, was auf eine Entscheidung wartet, was jetzt gemessen wird und was fehlt; er bleibt, bis jemand entschieden hat. Die Kacheln filtern, die Suche nimmt jede Nummer eines Etiketts.',
  'hint.shipment':
    'Eine Sendung: wie es jeder Einheit geht, was ihre Logger maßen, welche Alarme sie betreffen, ob das Erwartete gesehen wurde. Hier wird sie geschlossen, berichtigt, festgehalten oder einem Kunden per Link gezeigt.',
  'hint.lanes':
    'Was von einem Ort zum andern üblich ist. Unter 20 Fahrten gibt es nur Zahlen: eine Quote aus dreien sagt nichts.',
  'hint.alerts':
    'Was gefunden wurde, das Schlimmste zuerst. Quittieren heißt, dass Sie sich kümmern; Erledigen sagt mit Begründung, was daraus wurde. Was sich als nicht geschehen erweist, wird von selbst zurückgenommen.',
  'hint.alert':
    'Was geschah, welchen Seriennummern und wie lange: jede hat ihre eigene Zeit. Darunter stehen die Regel mit ihrer Version, die Messwerte dahinter, wer benachrichtigt wurde und was getan wurde.',
  'hint.cases':
    'Worüber die Qualität zu entscheiden hat. Jeder Fall hat seine Uhr; was von ihm bekannt ist, wächst weiter, und was sich änderte, seit jemand hinsah, ist markiert.',
  'hint.case':
    'Die Seriennummern stehen in Gruppen, die dasselbe erlebt haben. Zu jeder gibt es einen Vorschlag mit Gründen; Sie wählen, begründen und unterschreiben. Was Sie unterschreiben, wird Wort für Wort aufbewahrt.',
  'hint.portals': 'Jedes Tor mit dem, was es zuletzt sah. Öffnen Sie eines, um eine Palette durchfahren zu sehen.',
  'hint.portal':
    'Was jetzt durchfährt, gegen das Erwartete gehalten. Die Worte sagen, was als Nächstes zu tun ist; das Licht am Tor sagt dasselbe.',
  'hint.devices':
    'Jeder Logger mit dem, was er zuletzt sagte, seiner Batterie und seiner Kalibrierung. Einer, den niemand angemeldet hat, kann hier aufgenommen werden.',
  'hint.rules':
    'Was als Abweichung gilt. Probieren Sie eine Änderung an der Vergangenheit, ehe sie gilt: es zeigt, welche Alarme gekommen wären und welche nicht.',
  'hint.verify': 'Packung scannen oder abtippen: die Antwort sagt, ob sie weiter darf, und warum nicht.',
  'hint.recall': 'Jede Seriennummer einer Charge, eines Produkts oder einer Sendung: wo sie ist, worin und seit wann.',
};
