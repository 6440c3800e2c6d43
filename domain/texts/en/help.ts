/** The help at /help, around the documents. */
export const help = {
  'help.title': 'Isotherm help',
  'help.back': 'To the screens',
  'help.search': 'Search the help',
  'help.search.button': 'Search',
  'help.role':
    '{role, select, logistics {Logistics} quality {Quality} dock {At the dock} operations {Operations} other {Administration}}',
  'help.all': 'All pages',
  'help.decisions': 'Why it is built this way',
  'help.found': 'Found for “{query}”',
  'help.nothing': 'Nothing in the help has all the words of “{query}”. Try fewer, or one that stands on the screen.',
  'help.unknown': 'There is no such page in the help',
  'help.unknown.next': 'It may have another name. This was found by its words; or search above.',
} as const;
