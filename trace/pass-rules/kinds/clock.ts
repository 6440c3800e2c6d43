/** What the clocks of a place show at a moment: `14:05`. @param zone IANA time zone @param at epoch ms UTC */
export function clockIn(zone: string, at: number): string {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(at);
}
