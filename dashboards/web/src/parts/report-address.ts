const LANGUAGES = ['en', 'de', 'fr', 'es', 'pl'];

/** What there is a report on. */
export type Reported = 'shipments' | 'devices' | 'serials' | 'cases';

/** Where the report on something is: its times in that zone, its words in the first language of the browser that there is. */
export function reportAddress(of: Reported, id: string, zone: string, unit: 'C' | 'F' = 'C'): string {
  const query = queryIn(zone);
  if (unit === 'F') query.set('unit', unit);
  return `/api/v1/${of}/${encodeURIComponent(id)}/report.pdf?${query}`;
}

/** Where a review of the audit trail is as a report. */
export function reviewReportAddress(number: number, zone: string): string {
  return `/api/v1/audit/reviews/${number}/report.pdf?${queryIn(zone)}`;
}

function queryIn(zone: string): URLSearchParams {
  const known = navigator.languages.map((one) => one.slice(0, 2).toLowerCase()).find((one) => LANGUAGES.includes(one));
  return new URLSearchParams({ zone, language: known ?? 'en' });
}
