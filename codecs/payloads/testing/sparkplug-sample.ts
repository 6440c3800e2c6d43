import { protobuf } from './protobuf.ts';

/** Data of an edge node: four metrics with names, aliases and times, as every 100 ms of a node that reports much. */
export function sparkplugSample(n: number, at: number): Buffer {
  const metric = (name: string, value: number) =>
    protobuf([1, 'text', name], [2, 'varint', 7], [3, 'varint', at - n], [4, 'varint', 10], [13, 'double', value]);
  return protobuf(
    [1, 'varint', at - n],
    ...[1, 2, 3, 4].map((k) => [2, 'message', metric(`Freezer ${k}/Temperature`, -18 - k / 10)] as const),
    [3, 'varint', n % 256],
  );
}
