export const returned = {
  'return.title': 'Returned packs',
  'return.lead':
    'Before a returned pack is sold again its maker is asked whether it is what it says. Question and answer are kept.',
  'return.ask': 'Ask its maker',
  'return.many': 'Several at once',
  'return.one': 'One by one',
  'return.codes': 'Codes, one a line',
  'return.batch': 'Delivery they came with',
  'return.progress': '{done} of {all} asked',
  'return.saleable': 'May be sold again',
  'return.stop': 'Set it apart',
  'return.unanswered': 'Not confirmed',
  'return.here': 'Asked here',
  'return.latest': 'Latest returns',
  'return.none': 'Nothing asked yet',
  'return.kept': 'Every question is kept, with who asked and the answer.',
} as const;
