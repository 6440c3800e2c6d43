import type { EpcisEvent } from '../../codecs/epcis/index.ts';
import type { Effects, Excursion, ExcursionEvents, Metric } from '../../domain/index.ts';
import { clientOf } from '../../storage/index.ts';
import { publishEvents, publishedEvent } from './publish.ts';

export interface EpcisExcursionsOptions {
  /** Where the readings of a device are to be had: an absolute URL. */
  readonly readingsUrl: (device: string, metric: Metric, from: number, to: number) => string;
}

/**
 * Tells partners of excursions (EPCIS 2.0, section 7.3.7; CBV 2.0, section 7.1, `sensor_reporting`): an ObjectEvent that
 * says the alarm, the window, the least and the greatest value in it and where the readings are, never the readings.
 * One leaves when an excursion is found that still runs, with the window so far, and stays true when it goes on; one
 * leaves when it has ended, with the whole window.
 */
export class EpcisExcursions implements ExcursionEvents {
  readonly #options: EpcisExcursionsOptions;

  constructor(options: EpcisExcursionsOptions) {
    this.#options = options;
  }

  async tell(effects: Effects, excursion: Excursion, at: number): Promise<void> {
    const measure = MEASURES[excursion.metric];
    if (measure === undefined || excursion.readings.length === 0) return;
    const client = clientOf(effects);
    const source = sourceOf(excursion.id);
    const events = new Map<string, EpcisEvent>();
    const event = this.#event(excursion, measure);
    const [running, whole] = await Promise.all([
      publishedEvent(client, source, RUNNING),
      publishedEvent(client, source, WHOLE),
    ]);
    if (running !== null) events.set(RUNNING, isAboutSame(running, event) ? running : event);
    if (excursion.to !== null) events.set(WHOLE, event);
    else if (running === null && whole === null) events.set(RUNNING, event);
    // It runs again: what was said of it up to there stays true until it ends anew.
    else if (whole !== null) events.set(WHOLE, isAboutSame(whole, event) ? whole : event);
    await publishEvents(client, [{ source, events }], at);
  }

  async retract(effects: Effects, id: string, at: number): Promise<void> {
    await publishEvents(clientOf(effects), [{ source: sourceOf(id), events: new Map() }], at);
  }

  #event({ device, metric, from, to, readings, epcs }: Excursion, { type, uom }: Measure): EpcisEvent {
    const until = to ?? readings.at(-1)?.time ?? from;
    const values = readings.map(({ value }) => value);
    const least = values.reduce((least, value) => Math.min(least, value));
    const greatest = values.reduce((greatest, value) => Math.max(greatest, value));
    const rawData = this.#options.readingsUrl(device, metric, from, until);
    return {
      ...{ type: 'ObjectEvent', eventTime: iso(until), eventTimeZoneOffset: '+00:00' },
      ...(epcs.length > 0 && { epcList: [...new Set(epcs)].sort() }),
      ...{ action: 'OBSERVE', bizStep: 'sensor_reporting' },
      sensorElementList: [
        {
          sensorMetadata: { startTime: iso(from), endTime: iso(until), deviceID: `device:${device}`, rawData },
          sensorReport: [{ type, exception: 'ALARM_CONDITION', minValue: least, maxValue: greatest, uom }],
        },
      ],
    };
  }
}

const RUNNING = 'running';
const WHOLE = 'whole';

interface Measure {
  /** GS1 web vocabulary, MeasurementType. */
  readonly type: string;
  /** UN/CEFACT Recommendation 20. */
  readonly uom: string;
}

/** What is an excursion of goods; a battery or a door is not. */
const MEASURES: Partial<Readonly<Record<Metric, Measure>>> = {
  temperature: { type: 'Temperature', uom: 'CEL' },
  humidity: { type: 'RelativeHumidity', uom: 'P1' },
  shock: { type: 'Acceleration', uom: 'K40' },
  light: { type: 'Illuminance', uom: 'LUX' },
  pressure: { type: 'Pressure', uom: 'A97' },
  tilt: { type: 'Angle', uom: 'DD' },
};

function sourceOf(id: string): string {
  return `alert:${id}`;
}

/** Beginning, device and serials; the window and the values in it grow while it runs. */
function isAboutSame(said: EpcisEvent, now: EpcisEvent): boolean {
  const [before, after] = [said, now].map((event) => event.sensorElementList?.[0]?.sensorMetadata);
  return (
    before?.startTime === after?.startTime &&
    before?.deviceID === after?.deviceID &&
    JSON.stringify(epcsOf(said)) === JSON.stringify(epcsOf(now))
  );
}

function epcsOf(event: EpcisEvent): readonly string[] | undefined {
  return event.type === 'ObjectEvent' ? event.epcList : undefined;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
