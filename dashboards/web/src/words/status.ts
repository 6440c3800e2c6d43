const WORDS: Readonly<Record<string, string>> = {
  active: 'in circulation',
  inactive: 'decommissioned',
  retail_sold: 'sold',
};

/** What has become of a serial, from the CBV's word. */
export function statusText(status: string): string {
  return WORDS[status] ?? status.replace('_', ' ');
}
