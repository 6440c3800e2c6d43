/**
 * What is usual at a door, for an antenna, at a place and on a lane: kept a pass at a time as passes are judged, and told as
 * median, spread and number of observations. Asks for what came before a pass and never for what came after it.
 */
export { observePasses, observeStays, observeWays, type ToldAnew } from './observations.ts';
export { type PortalUsual, portalUsual } from './portal-usual.ts';
export { medianOf, oddFrom, type Usual, usualOf } from './usual.ts';
export {
  type HourFacts,
  hourFacts,
  laterAtDoor,
  MOST_OBSERVATIONS,
  MOST_RECENT,
  minutesBefore,
  type ShareSeries,
  shareSeries,
  USUAL_DAYS,
} from './usual-facts.ts';
