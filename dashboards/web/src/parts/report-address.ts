const LANGUAGES = ['en', 'de', 'fr', 'es', 'pl'];

/** Where the report on something is: its times in that zone, its words in the first language of the browser that there is. */
export function reportAddress(of: 'shipments' | 'devices' | 'serials' | 'cases', id: string, zone: string): string {
  const known = navigator.languages.map((one) => one.slice(0, 2).toLowerCase()).find((one) => LANGUAGES.includes(one));
  const query = new URLSearchParams({ zone, language: known ?? 'en' });
  return `/api/v1/${of}/${encodeURIComponent(id)}/report.pdf?${query}`;
}
