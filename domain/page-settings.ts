/** Languages that the page's texts are there in. English is whole; what another lacks is shown in English. */
export const PAGE_LANGUAGES = ['en', 'de', 'fr', 'es', 'pl'] as const;
export type PageLanguage = (typeof PAGE_LANGUAGES)[number];

/** Screens that somebody may begin the day with. */
export const START_SCREENS = [
  ...(['/shipments', '/alerts', '/cases', '/portals', '/devices', '/rules', '/verify', '/recall', '/lanes'] as const),
] as const;
export type StartScreen = (typeof START_SCREENS)[number];

/** In which temperatures are shown and typed. What is kept and sent is in °C. */
export const TEMPERATURE_SCALES = ['C', 'F'] as const;
export type TemperatureScale = (typeof TEMPERATURE_SCALES)[number];

/** Whose clock times are read by: the site's that a screen is about, one's own, or UTC. */
export const CLOCKS = ['site', 'own', 'utc'] as const;
export type Clock = (typeof CLOCKS)[number];

export const DENSITIES = ['comfortable', 'compact'] as const;

/** The page as it is for whoever has set nothing. */
export const PLAIN_PAGE_SETTINGS = {
  temperature: 'C',
  clock: 'site',
  zone: null,
  language: 'en',
  hasSound: false,
  density: 'comfortable',
  start: null,
} as const;
