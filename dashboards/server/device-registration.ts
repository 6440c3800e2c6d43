import type { z } from 'zod';
import type { DeviceContext } from '../../domain/index.ts';
import type { deviceInput } from '../api/index.ts';

type Given = Omit<z.output<typeof deviceInput>, 'id' | 'kind' | 'name' | 'attachment' | 'effectiveFrom'>;

/** What a registration says of a device, in the words of a fact. */
export function contextFrom(body: Given): DeviceContext {
  const { interval, reportsEvery, readOut, reportsOnChange, heartbeat, sensor, correction, stepPerMinute } = body;
  const { profile, product, lane, site, labels } = body;
  return withoutUndefined({
    ...{ intervalMs: interval, reportsEveryMs: reportsEvery, heartbeatMs: heartbeat, readOut, reportsOnChange },
    ...{ sensor, stepPerMinute, profile, product, lane, site, labels },
    corrections: correction === undefined ? undefined : withoutUndefined(correction),
  });
}

/** Absent is absent: a key with `undefined` is not written into a fact. */
export function withoutUndefined<T extends object>(given: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>;
  };
}
