import { parseArgs } from 'node:util';

/** What is done to the installation. */
export const KINDS = ['primary', 'frozen-primary', 'worker', 'frozen', 'nats'] as const;
export type Kind = (typeof KINDS)[number];

export interface Asked {
  /** How often each is done, at most. */
  readonly times: number;
  /** Nothing is begun after them. */
  readonly minutes: number;
  readonly of: readonly Kind[];
}

export const ALLOWED = `failover: allowed: --times N (20), --minutes M (30; nothing is begun after them), --of ${KINDS.join(',')} (one or some of them)`;

/** @returns null where something is not allowed */
export function asked(args: readonly string[]): Asked | null {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        times: { type: 'string', default: '20' },
        minutes: { type: 'string', default: '30' },
        of: { type: 'string', default: KINDS.join(',') },
      },
    });
    const [times, minutes] = [Number(values.times), Number(values.minutes)];
    const of = values.of.split(',');
    const areKinds = of.every((one) => KINDS.some((kind) => kind === one));
    if (!(Number.isInteger(times) && times > 0 && minutes > 0 && areKinds)) return null;
    return { times, minutes, of: KINDS.filter((kind) => of.includes(kind)) };
  } catch {
    // An option that there is not.
    return null;
  }
}
