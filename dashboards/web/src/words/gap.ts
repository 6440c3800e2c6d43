import type { ReadGapView } from '../../../api/index.ts';
import { say } from '../text/say.ts';
import { clock } from './when.ts';

/** `Reads may be missing from 10:02 to 10:05: the connection broke.` */
export function gapText({ from, to, reason }: ReadGapView, zone: string | null, now: number): string {
  const [start, end] = [clock(Date.parse(from), zone, now), clock(Date.parse(to), zone, now)];
  return start === end
    ? say('gap.around', { from: start, reason })
    : say('gap.between', { from: start, to: end, reason });
}
