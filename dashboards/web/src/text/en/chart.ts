export const chart = {
  'chart.to': '{min} to {max}',
  'chart.last24HoursToC': 'Last 24 hours: {low} to {high}{detail}',
} as const;
