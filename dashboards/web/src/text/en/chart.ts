export const chart = {
  'chart.to': '{min} to {max}',
  'chart.last24HoursToC': 'Last 24 hours: {low} to {high} °C{detail}',
} as const;
