import { PLAIN_PAGE_SETTINGS } from '../../../../domain/index.ts';
import type { PageSettingsView } from '../../../api/index.ts';

/** What is to be other; the rest stays as it is. */
export type PageSettingsChange = Partial<Omit<PageSettingsView, 'hintsSeen'>>;

/** With the tab: it outlives a reload, and another tab does not send it a second time, later than what was chosen since. */
const KEPT = 'isotherm-unsent-settings';

/** What somebody has chosen on this tab and the server has not said yet that it has. */
export function unsentSettings(person: string): PageSettingsChange {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? '{}') as { person?: string; change?: object };
    if (kept.person !== person) return {};
    return Object.fromEntries(Object.entries(kept.change ?? {}).filter(([name]) => name in PLAIN_PAGE_SETTINGS));
  } catch (error) {
    console.warn('what was chosen last could not be read', error);
    return {};
  }
}

export function keepUnsent(person: string, change: PageSettingsChange): void {
  keep(person, { ...unsentSettings(person), ...change });
}

/** The server has it, or does not take it. What was chosen otherwise meanwhile stays. */
export function forgetSent(person: string, change: PageSettingsChange): void {
  const sent = new Map<string, unknown>(Object.entries(change));
  const rest = Object.entries(unsentSettings(person)).filter(
    ([name, value]) => !sent.has(name) || sent.get(name) !== value,
  );
  keep(person, Object.fromEntries(rest));
}

function keep(person: string, change: PageSettingsChange): void {
  if (Object.keys(change).length === 0) sessionStorage.removeItem(KEPT);
  else sessionStorage.setItem(KEPT, JSON.stringify({ person, change }));
}
