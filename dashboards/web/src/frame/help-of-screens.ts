/** Which page of the help, and where on it, tells of a screen: the first that a path begins with. */
export const HELP_OF_SCREENS: readonly (readonly [screen: string, page: string])[] = [
  ['/shipments/~new', 'first-hour'],
  ['/shipments', 'trace'],
  ['/lanes', 'lanes'],
  ['/alerts', 'routing'],
  ['/cases', 'cases'],
  ['/signing', 'dispositions'],
  ['/portals', 'gateway'],
  ['/devices/~read-out', 'logger-files'],
  ['/devices', 'devices'],
  ['/serials', 'trace'],
  ['/rules', 'rules'],
  ['/verify', 'recall'],
  ['/returns', 'verification'],
  ['/decommission', 'markets'],
  ['/recall', 'recall'],
  ['/practice', 'practice'],
  ['/account', 'people#the-page-for-oneself'],
  ['/admin/setup', 'setup'],
  ['/admin/organisation', 'setup'],
  ['/admin/places', 'setup'],
  ['/admin/portals', 'gateway'],
  ['/admin/products', 'setup'],
  ['/admin/partners', 'partners'],
  ['/admin/systems', 'erp'],
  ['/admin/exceptions', 'partners'],
  ['/admin/markets', 'markets'],
  ['/admin/records', 'partners'],
  ['/admin/channels', 'channels'],
  ['/admin/routing', 'routing'],
  ['/admin/statistics', 'routing'],
  ['/admin/silences', 'routing'],
  ['/admin/health', 'operating'],
  ['/admin/users', 'people'],
  ['/admin/roles', 'permissions'],
  ['/admin/tokens', 'people'],
  ['/admin/credentials', 'devices'],
  ['/admin/quarantine', 'devices'],
  ['/admin/holds', 'keeping'],
  ['/admin/retention', 'keeping'],
  ['/admin/audit', 'audit'],
];

/** The address of the help for the screen at this path. */
export function helpOf(path: string): string {
  const found = HELP_OF_SCREENS.find(
    ([screen]) =>
      path === screen || path.startsWith(`${screen}/`) || (path.startsWith(screen) && screen.startsWith('/admin/')),
  );
  return found === undefined ? '/help' : `/help/${found[1]}`;
}
