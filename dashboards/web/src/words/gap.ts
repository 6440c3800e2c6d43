import type { ReadGapView } from '../../../api/index.ts';
import { clock } from './when.ts';

/** `Reads may be missing from 10:02 to 10:05: the connection broke.` */
export function gapText({ from, to, reason }: ReadGapView, zone: string | null, now: number): string {
  const [start, end] = [clock(Date.parse(from), zone, now), clock(Date.parse(to), zone, now)];
  const when = start === end ? `around ${start}` : `from ${start} to ${end}`;
  return `Reads may be missing ${when}: ${reason}.`;
}
