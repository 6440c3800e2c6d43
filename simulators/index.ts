/**
 * What stands in for the world: a real LLRP reader, loggers over real MQTT, dock traffic with its truth, recordings
 * played again, and the demo's story told with them. In: addresses and credentials of any Isotherm, time; out: traffic
 * on its public protocols. It must never touch the platform's database or rooms: what it shows, a real site would show.
 */
export { ANTENNA, PORTALS, ROOM_SENSORS, SHIPMENTS, SITES, storyFrom } from './demo/cast.ts';
export { apiClient } from './demo/client.ts';
export { play } from './demo/play.ts';
export { setStage } from './demo/stage.ts';
export { type Climate, type Disturbance, temperatureAt } from './loggers/climate.ts';
export { SimulatedLogger } from './loggers/logger.ts';
export { OPERATIONS, type Operations, type OperationsPlan, operations, type TrueKind } from './operations/index.ts';
export {
  type Movement,
  portalTraffic,
  STANDARD_TRAFFIC,
  type Traffic,
  type TrafficDoor,
  type TrafficPlan,
} from './portal/index.ts';
export { SimulatedReader } from './reader/index.ts';
export { type ReplayOptions, replayReads } from './replay/play.ts';
export { replayReadings } from './replay/readings.ts';
export { parseRecording, type RecordedReading, type Recording } from './replay/recording.ts';
export { fleetIds, playFleet } from './scenarios/fleet.ts';
export { portalFacts, trafficOf } from './scenarios/portal.ts';
export { parseScenario, SCENARIOS, type Scenario } from './scenarios/scenario.ts';
