import type { TimeSpan } from '../../domain/index.ts';
import {
  flagsByItself,
  GOOD,
  judgedValue,
  type KeyQuality,
  keyQuality,
  metricByCode,
  withSetAside,
} from '../../domain/index.ts';
import type { Registered } from './directory.ts';

/** A reading as it is judged. */
export interface Measured {
  readonly value: number;
  /** As the device sent it; undefined: the same. */
  readonly received: number | undefined;
  /** An error code, what cannot be, or what a person has set aside: it is not judged as fact. */
  readonly isSuspect: boolean;
}

const known = new WeakMap<Registered, Map<string, KeyQuality>>();

/** A reading by what is registered of its device, as charts and rules have it: one value wherever it is shown. @param metric code */
export function measured(
  registered: Registered,
  device: string,
  metric: number,
  at: number,
  received: number,
): Measured {
  const quality = qualityOf(registered, device, metric);
  const value = judgedValue(quality, at, received);
  return {
    value,
    received: value === received ? undefined : received,
    isSuspect: flagsByItself(quality, at, received, value) !== GOOD,
  };
}

function qualityOf(registered: Registered, device: string, metric: number): KeyQuality {
  const qualities = known.get(registered) ?? new Map<string, KeyQuality>();
  known.set(registered, qualities);
  const key = `${metric} ${device}`;
  const found = qualities.get(key);
  if (found !== undefined) return found;
  const name = metricByCode(metric)?.name;
  const quality = keyQuality(
    metric,
    {
      registered: registered.spans.get(device) ?? [{ from: Number.NEGATIVE_INFINITY, context: {} }],
      calibrations: (registered.calibrations.get(device) ?? []).map(({ calibration }) => calibration),
    },
    (registered.setAsides.get(device) ?? [])
      .filter((one) => one.metric === name)
      .reduce<TimeSpan[]>((spans, one) => withSetAside(spans, one), []),
  );
  qualities.set(key, quality);
  return quality;
}
