/** What each screen is for, for whoever sees it the first time; and the way to the help. */
export const hint = {
  'frame.help': 'Help',
  'hint.label': 'About this screen',
  'hint.explain': 'Explain this screen',
  'hint.putAway': 'Understood, do not offer again',
  'hint.more': 'More in the help',
  'hint.announce':
    'Say what travels: by form, by scanning units, or from a file. Until you send it nothing is kept; what is wrong is shown beside its line. Put a logger on each unit, so that its goods are watched.',
  'hint.shipments':
    'What needs a person stands first. The state is the worst of what waits for a decision, what is measured now and what is missing; it stays until somebody has decided. The tiles filter, and the search takes any number on a label.',
  'hint.shipment':
    'One shipment: how each unit fares, what its loggers measured, which alerts touch it, whether what was expected was seen. Here it is closed, corrected, put on hold, or shared with a customer by a link.',
  'hint.lanes':
    'What usually happens from one place to another. Below 20 journeys there are counts only: a rate of three says nothing.',
  'hint.alerts':
    'What was found, worst first. Acknowledge says that you look after it; resolve says what came of it, with a reason. An alert that turns out not to have happened is taken back by itself.',
  'hint.alert':
    'What happened, to which serials, for how long: each serial has its own time. Below stand the rule with its version, the readings behind it, who was told, and what was done.',
  'hint.cases':
    'What quality has to decide on. Each case has its clock; what is known of it goes on while it is open, and what changed since somebody looked is marked.',
  'hint.case':
    'The serials stand in groups that went through the same. For each there is a proposal with its reasons; you choose, give a reason and sign. What you sign is kept word for word.',
  'hint.portals': 'Each door with what it saw last. Open one to see a pallet go through, count by count.',
  'hint.portal':
    'What goes through now, against what was expected. The words say what to do next; the light at the door says the same.',
  'hint.devices':
    'Every logger with what it said last, its battery and its calibration. One that nobody registered can be taken in from here.',
  'hint.rules':
    'What counts as an excursion. Try a change on the past before it holds: it shows which alerts would have come and which not.',
  'hint.returns':
    'Scan a pack that came back: its maker is asked whether it is what it says. Only what he confirms is sold again.',
  'hint.verify': 'Scan a pack or type what stands on it: the answer says whether it may move on, and why not.',
  'hint.recall': 'Find every serial of a lot, a product or a shipment: where it is now, in what, and since when.',
} as const;
