/** Practising on invented goods beside the real site. Steps of a job stand a line each. */
export const practice = {
  'practice.title': 'Practice',
  'practice.menu': 'Practise',
  'practice.lead':
    'Invented goods beside the real site: three sites, five shipments, a door left open, a pallet with too many serials. You do the jobs of your role there step by step, under your own name, and can break nothing.',
  'practice.apart':
    'It has a process, a database and a ledger of its own and sends nothing to anybody. None of it appears here, in alerts, reports, exports, figures or the ledger. That you practised stands in the audit trail.',
  'practice.role': 'Whose jobs',
  'practice.role.logistics': 'Logistics',
  'practice.role.quality': 'Quality',
  'practice.role.dock': 'Dock',
  'practice.role.operations': 'Operations',
  'practice.start': 'Start practice',
  'practice.enter': 'Go in',
  'practice.starting': 'Getting the goods ready; this takes up to a minute.',
  'practice.runs':
    '{people, plural, =0 {It is ready. Nobody has come in yet.} one {It runs; one person came in.} other {It runs; # people came in.}}',
  'practice.failed': 'It could not be started: {reason}',
  'practice.anew': 'Begin anew',
  'practice.anew.ask':
    '{people, plural, =0 {Put everything back as it was?} one {End what was practised, of one person, and put everything back?} other {End what was practised, of # people, and put everything back?}}',
  'practice.end': 'End practice',
  'practice.end.ask': 'End it for everybody? What was practised is gone.',
  'practice.others':
    'Others practise there too. An administrator can end it or begin it anew; what you did yourself stays as it is until then.',
  'practice.ended': 'It does not run.',
  'practice.off.title': 'No practice site is offered here',
  'practice.off':
    'Whoever runs this installation turns it on in the configuration, with practice.enabled; then the jobs of your role can be practised here on invented goods.',
  'practice.off.help': 'What can be practised, and how it is turned on',
  'practice.idle': 'It ends by itself when nobody has used it for an hour.',
  'practice.entering': 'Going in…',
  'practice.entry.bad': 'This way in is not good any more',
  'practice.entry.bad.next': 'It opens once, within a minute. Go back to the real site and choose “Go in” again.',
  'practice.as': 'You practise as {role}: {done} of {all} jobs done.',
  'practice.next': 'Next: {job}',
  'practice.how': 'How',
  'practice.open': 'Open the screen',
  'practice.all': 'All jobs',
  'practice.leave': 'Back to the real site',
  'practice.allDone': 'All jobs of this role are done. Begin anew, or practise another role, on the real site.',
  'practice.password': 'Where something is signed, your password here is {password}',
  'practice.jobs': 'Jobs of {role}',
  'practice.done': 'done',
  'practice.open.job': 'to do',
  'practice.seen': 'A job is done when it stands in the audit trail of the practice site: you tick nothing off.',
  'practice.job.see-trouble': 'See at once what is in trouble, and keep that as a view of yours',
  'practice.steps.see-trouble':
    'Click the tile of excursions: only those shipments stay.\nOpen “Views”, give it a name and choose “Save this view”.',
  'practice.job.announce': 'Announce a shipment',
  'practice.steps.announce':
    'Choose where it comes from, where it goes and when.\nGive one unit a number and a logger, so that its goods are watched.\nSend it. What is wrong stands beside its line.',
  'practice.job.correct': 'Correct a shipment that will arrive later',
  'practice.steps.correct':
    'On SHP-1003 choose “Correct”.\nSet the arrival two hours later.\nSay why, and choose “Correct it”.',
  'practice.job.share': 'Show a shipment to its customer',
  'practice.steps.share':
    'On SHP-1001 go to “Links for customers” and choose “Make a link”.\nSay whom it is for and what it shows.\nOpen the link: this is what the customer sees.',
  'practice.job.take-case': 'Look after a case',
  'practice.steps.take-case': 'Open a case of the list, what falls due first.\nChoose who looks after it: you.',
  'practice.job.decide': 'Decide on the serials of a case, and sign',
  'practice.steps.decide':
    'Read what each group went through, and what is proposed and why.\nChoose “Decide as proposed”, or decide otherwise, and say why.\nSign with your password here.',
  'practice.job.hold': 'Keep the records of a shipment from being deleted',
  'practice.steps.hold': 'On SHP-1005 choose “Put on hold”.\nSay why: a complaint under investigation, say.',
  'practice.job.set-aside': 'Set readings aside that are not of the goods',
  'practice.steps.set-aside':
    'On LOG-201 choose “Set readings aside”.\nGive the time in which they are wrong, and why.\nThey stay in the record, and count for nothing.',
  'practice.job.settle': 'Settle a pallet with three too many and one missing',
  'practice.steps.settle':
    'Look at the last pallet through Madrid dock 1: what it shows is too many, and what is missing.\nChoose “Settle” at a line and say how: looked, counted or scanned.\nDo the same for the rest.',
  'practice.job.verify': 'Ask whether a pack may move on',
  'practice.steps.verify':
    'Type instead of scanning: GTIN 80614141123458, serial 1000, lot A17, expiry 2028-06-30.\nChoose “Check” and read why.',
  'practice.job.count': 'Count a unit by hand',
  'practice.steps.count':
    'On SHP-1002 open “Count a unit”.\nPaste the serials that you found, a line each: urn:epc:id:sgtin:0614141.812346.3000 and so on.\nSend the count.',
  'practice.job.acknowledge': 'Say that you see to an alert',
  'practice.steps.acknowledge': 'Open the worst alert that nobody sees to.\nChoose “Acknowledge”.',
  'practice.job.assign': 'Hand an alert to a colleague',
  'practice.steps.assign': 'Tick an alert of the list.\nChoose “Assign” and name quality.',
  'practice.job.silence': 'Silence a logger that is being repaired',
  'practice.steps.silence':
    'Open the alert of LOG-401, which has fallen silent.\nChoose “Silence”, for how long and why.\nNobody is told of it until then; what is found is still recorded.',
  'practice.job.resolve': 'Close an alert with what became of it',
  'practice.steps.resolve': 'Open an alert that you acknowledged.\nChoose “Resolve” and say what became of it.',
} as const;
