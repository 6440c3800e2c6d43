export const chart = {
  'chart.to': '{min} to {max}',
  'chart.last24HoursToC':
    'Last 24 hours: {low} to {high}{beyond, plural, =0 {} other {, beyond its limits in # of them}}',
} as const;
