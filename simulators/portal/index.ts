/**
 * Dock doors as they are used, invented: pallets that go in and out, close behind each other, past one door and into
 * another's field, with tags that are missed, dead or not on any notice. In: a plan; out: what the readers report and,
 * beside it, what really happened. Pure; it must never know how the platform works out passes.
 */
export {
  type Movement,
  portalTraffic,
  STANDARD_TRAFFIC,
  type Traffic,
  type TrafficDoor,
  type TrafficPlan,
} from './traffic.ts';
