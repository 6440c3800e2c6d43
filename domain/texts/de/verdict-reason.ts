import type { VerdictReasonTexts } from '../en/verdict-reason.ts';

/** What a pass showed, in a line, in German. */
export const verdictReason: VerdictReasonTexts = {
  'pass.reason.blocked': '{count, plural, one {ein Teil darf} other {{count} Teile dürfen}} nicht weiter ({statuses})',
  'pass.reason.status':
    '{status, select, inactive {inaktiv} destroyed {vernichtet} disposed {entsorgt} dispensed {abgegeben} retail_sold {verkauft} recalled {zurückgerufen} stolen {gestohlen} expired {abgelaufen} quarantined {in Quarantäne} rejected {zurückgewiesen} other {{status}}}',
  'pass.reason.unexpected': '{count, plural, one {ein Teil} other {{count} Teile}} hier nicht erwartet',
  'pass.reason.missing': '{count, plural, one {eines fehlt} other {{count} fehlen}}',
  'pass.reason.missing.soFar': '{count, plural, one {eines fehlt} other {{count} fehlen}} bisher',
  'pass.reason.all':
    '{count, plural, one {die eine erwartete Seriennummer wurde} other {alle {count} erwarteten Seriennummern wurden}} gelesen',
  'pass.reason.units':
    '{count, plural, one {eine Einheit ging} other {{count} Einheiten gingen}} wie erwartet hindurch',
  'pass.reason.strays': 'nur Streulesungen eines benachbarten Tores',
  'pass.reason.nothing': 'nichts wurde erwartet und nichts gelesen',
  'pass.reason.gap': 'Lesungen von {reader} können von {from} bis {to} UTC fehlen: {reason}',
  'pass.gap.notReading': 'das Lesegerät las nicht: Es ist neu gestartet oder wurde von jemand anderem eingestellt',
  'pass.gap.unheld': 'die Verbindung ging verloren, und das Lesegerät kann seine Meldungen nicht aufheben',
  'pass.gap.broken': 'die Verbindung brach ab: Meldungen, die unterwegs waren, können fehlen',
  'pass.gap.overflow': 'der Meldungspuffer des Lesegeräts lief über',
  'pass.gap.killed': 'das Gateway wurde abgebrochen: Meldungen, die unterwegs waren, können fehlen',
  'pass.gap.damaged':
    'die Festplatte des Gateways gab andere Bytes zurück, als sie bekommen hatte: Lesungen können fehlen',
};
