/** What a rule over passes found, one sentence for the people at the door, and what it rests on (trace/pass-rules). */
export const found = {
  'found.shortage':
    '{goods, plural, one {# serial} other {# serials}} of {shipments} {role, select, origin {did not leave} destination {did not come} other {not seen}} with the rest at {portal}',
  'found.shortage.unread': 'not read with its unit',
  'found.shortage.behind': '{role, select, origin {has not left} other {has not come}}',
  'found.shortage.fact.unread': '{shipment} lists serials in {unit} that were not read when it went through.',
  'found.shortage.fact.behind':
    '{shipment} lists {unit}, which has not {role, select, origin {left} other {come}} though all doors are known up to here.',

  'found.wrongDirection':
    '{goods, plural, one {# serial} other {# serials}} went {direction, select, in {in} other {out}} through {portal} at {site}, against the way they should go',
  'found.wrongDirection.fact': '{goods} went {direction, select, in {in} other {out}}: {why}.',
  'found.wrongDirection.door': 'this door is for what goes {way, select, in {in} other {out}}',
  'found.wrongDirection.destination': '{shipment} should come in here',
  'found.wrongDirection.origin': '{shipment} should go out here{left, select, yes { and had gone out before} other {}}',

  'found.wrongPortal':
    '{goods, plural, one {# serial} other {# serials}} went through {portal} and should have gone through {doors}',
  'found.wrongPortal.fact.allotted': '{goods} is to go through {doors}.',
  'found.wrongPortal.fact.apart': '{unit} is of {shipment}, of which {units} of {all} units went through {door}.',

  'found.noData': '{goods, plural, one {# serial} other {# serials}} went through {portal} without data: {lacking}',
  'found.noData.both': '{one}, {other}',
  'found.noData.notice': 'no notice lists it',
  'found.noData.lot': 'its lot is not known',
  'found.noData.expiry': 'its expiry is not known',
  'found.noData.fact': 'Read at the door: {lacking}.',

  'found.expired':
    '{goods, plural, one {# serial} other {# serials}} went through {portal} {past, plural, =0 {with less than {days, plural, one {# day} other {# days}} left to the expiry} other {past the expiry}}',
  'found.expired.past': 'past its expiry',
  'found.expired.left': '{days, plural, one {# day} other {# days}} left',
  'found.expired.fact': 'Good up to and including {expiry}.',

  'found.clone':
    '{goods, plural, one {# serial was} other {# serials were}} read at {portal} at {site} sooner after another site than they can travel: a copied tag, or goods that are not what they say',
  'found.clone.status': '{minutes} min after {site}',
  'found.clone.fact.before': 'Read at {portal} at {site}.',
  'found.clone.fact.here': 'Read here {minutes} min later; the way from {site} takes {least} min at least.',
  'found.cloneTid':
    '{goods, plural, one {# serial} other {# serials}} answered at {portal} at {site} by another tag than before, or by two: a copied tag, or one that was replaced',
  'found.clone.twoTags': 'two tags, {tid} and {other}',
  'found.clone.otherTag': 'tag {tid}, before {other}',
  'found.clone.fact.tidBefore': 'Read by {reader}: tag {tid}.',
  'found.clone.fact.tidHere': 'Answered here: tag {tid}.',
  'found.cloneEnded':
    '{goods, plural, one {# serial that is} other {# serials that are}} said to be destroyed, dispensed or decommissioned answered at {portal} at {site}: a copied tag, or a wrong event',
  'found.clone.ended':
    '{ended, select, inactive {decommissioned} destroyed {destroyed} disposed {disposed of} dispensed {dispensed} other {sold}}',
  'found.clone.fact.ended':
    'Read here, though it had been {ended, select, inactive {decommissioned} destroyed {destroyed} disposed {disposed of} dispensed {dispensed} other {sold}}.',
  'found.cloneSigns':
    '{goods, plural, one {# serial} other {# serials}} read at {portal} at {site} may have a copied tag: read too soon after another site, answered by another tag, or said to be no more',

  'found.dwell':
    '{goods, plural, one {# serial {stands, select, yes {has stood} other {stood}}} other {# serials {stands, select, yes {have stood} other {stood}}}} at {place} for longer than {minutes} min',
  'found.dwell.air': 'The air at {place} meanwhile: {min} to {max} °C, mean kinetic temperature {mkt} °C ({device}).',
  'found.dwell.air.unknown': 'Nothing is known of the air at {place} meanwhile ({device}).',
  'found.dwell.stands': 'still there',
  'found.dwell.stood': 'stood {minutes} min',
  'found.dwell.fact.came': '{goods} came to {place}.',
  'found.dwell.fact.went': '{goods} left {place}.',

  'found.crossRead':
    '{goods, plural, one {# tag was} other {# tags were}} read at {portal} while going through {doors}: its field reaches too far',

  'found.diversion':
    '{goods, plural, one {# serial} other {# serials}} went through {portal} at {site}, where they should not be: {routes}',
  'found.diversion.fact': '{goods} was read at {site}: {route}.',
  'found.diversion.route': '{shipment} goes from {origin} to {destination}',
  'found.diversion.sites': 'allowed at {sites} only',

  'found.badData':
    '{goods, plural, one {# serial} other {# serials}} went through {portal} with data that cannot be right: {wrong}',
  'found.badData.gtin': 'its GTIN {gtin} is not on the notice of {shipment}',
  'found.badData.gln': '{shipment} names a place that nobody knows',
  'found.badData.duplicate': 'listed by {shipment} and {other} at once',
  'found.badData.shipTo': '{shipment} was sent to another place than its notice says',
  'found.badData.order':
    '{what, select, made {moved before it was made} other {came in before {shipment} was shipped}}',
  'found.badData.fact.gtin': '{shipment} lists other products than GTIN {gtin}.',
  'found.badData.fact.gln': '{shipment} goes from or to {site}: no place is registered with this GLN.',
  'found.badData.fact.duplicate':
    '{shipment} and {other} list the same serial for the same time, and neither goes on where the other ends.',
  'found.badData.fact.shipTo': 'The notice of {shipment} says {destination}, its shipping event {sentTo}.',
  'found.badData.fact.order':
    '{what, select, made {An event says that it was commissioned later than it went through here.} other {An event says that {shipment} was shipped later than it came in here.}}',

  'found.surge': '{tags} tags read at {portal} between {from} and {to} so far, usually {usual} in that hour',
  'found.surge.fact':
    '{tags} tags with this pass. Usually {median} in that hour: the median of {days, plural, one {# day} other {# days}}, spread (MAD) {mad}.',

  'found.weakReads':
    '{what} reads {recent} % {antenna, select, yes {of the tags that its door reads} other {of what should be there}}, usually {usual} %: turned away, covered or failing?',
  'found.weakReads.antenna': 'antenna {antenna} of {reader} at {portal}',
  'found.weakReads.fact':
    '{what}: {recent} % over the last {passes, plural, one {pass} other {# passes}}. Usually {usual} %: the median of {before} passes before, spread (MAD) {mad} %.',

  'found.tamper.light': 'Light, up to {lux} lux, where it should be dark: opened?',
  'found.tamper.shock': 'A shock of {g} g.',
  'found.tamper.opened': 'We heard that something was taken out of {unit}.',

  'found.mass':
    'Judged as goods that follow the air with a time constant of {constant}, {by, select, product {as is registered of product {product}} other {as the rule says: none is registered of {product, select, none {them} other {product {product}}}}}.',
  'found.mass.none':
    'Judged by the air itself: no time constant is registered of {product, select, none {them} other {product {product}}}.',

  'usual.share': 'Usually {median} %: the median of {passes} passes, spread (MAD) {mad} %.',
  'usual.unknown': 'Only {passes, plural, one {# pass} other {# passes}} so far: what is usual is not known.',

  'found.usual.minutes':
    '{what, select, stay {Goods usually stand here} other {The way usually takes}} {median} min: the median of {observations} before, spread (MAD) {mad} min.',
  'found.usual.unknown':
    'Only {observations, plural, one {# {what, select, stay {stay} other {journey}}} other {# {what, select, stay {stays} other {journeys}}}} so far: how long is usual is not known.',
} as const;
