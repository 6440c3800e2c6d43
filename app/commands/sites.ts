import type { Sites } from '../../domain/index.ts';

/** `site:berlin,site:lyon`; absent or `all` = every site. What is no site is refused where it is set. */
export function sitesFrom(given: string | undefined): Sites {
  if (given === undefined || given === 'all') return 'all';
  return given
    .split(',')
    .map((site) => site.trim())
    .filter((site) => site !== '');
}
