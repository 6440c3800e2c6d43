import type { Receiver } from '../../alerts/testing/receiver.ts';
import type { Database } from '../../storage/index.ts';
import { type Api, eventually } from '../api.ts';
import type { Load } from './load.ts';

const TEMPERATURE = 1;

/** What was found of a load after the upgrade, in a line, and what of it is wrong. */
export interface Found {
  readonly said: string;
  readonly wrong: readonly string[];
}

/** Whether everything acknowledged is stored, once, as it was sent. */
export async function readingsOf(load: Load, database: Database): Promise<Found> {
  const counts = { readings: 0, lost: 0, doubled: 0, differing: 0 };
  const stored = async (device: string) => {
    const { rows } = await database.query<{ time: number; value: number }>(
      `SELECT (extract(epoch FROM r.time) * 1000)::float8 AS time, r.value FROM devices AS d
       CROSS JOIN LATERAL readings_between(d.id, $2::int2, '-infinity', 'infinity') AS r WHERE d.name = $1`,
      [device, TEMPERATURE],
    );
    return rows;
  };
  for (const [device, sent] of load.sent) {
    const rows = await eventually(
      `what ${device} sent is stored`,
      () => stored(device),
      (found) => new Set(found.map(({ time }) => time)).size >= sent.size,
    ).catch(() => stored(device));
    const times = new Set(rows.map(({ time }) => time));
    counts.readings += sent.size;
    counts.lost += [...sent.keys()].filter((time) => !times.has(time)).length;
    counts.doubled += rows.length - times.size;
    counts.differing += rows.filter(({ time, value }) => sent.get(time) !== value).length;
  }
  const { readings, lost, doubled, differing } = counts;
  const said = `${readings} readings acknowledged: ${lost} lost, ${doubled} doubled, ${differing} differing`;
  return { said, wrong: lost + doubled + differing > 0 ? [said] : [] };
}

interface Alert {
  readonly id: string;
  readonly rule: { readonly id: string };
  readonly subject: { readonly device?: string };
}

/** Whether each excursion is one alert, and each alert was told once. */
export async function alertsOf(load: Load, api: Api, receiver: Receiver): Promise<Found> {
  const wrong: string[] = [];
  const expected = load.devices.reduce((sum, device) => sum + load.excursionsOf(device), 0);
  const ofLoad = ({ subject }: Alert) => subject.device?.startsWith('up-') === true;
  const ofExcursion = ({ rule }: Alert) => rule.id === 'too-warm-2-8';
  const opened = () =>
    receiver.received.flatMap(({ body }) => {
      const { type, data } = JSON.parse(body) as { type: string; data: { alert: Alert } };
      return type === 'alert.opened' && ofLoad(data.alert) ? [data.alert.id] : [];
    });
  const alerts = await eventually(
    'each excursion is an alert',
    async () => (await api.all<Alert>('/alerts')).filter(ofLoad),
    (found) => found.filter(ofExcursion).length >= expected,
  );
  await eventually(
    'each alert was told',
    async () => new Set(opened()).size,
    (told) => told >= alerts.length,
  ).catch((error: Error) => wrong.push(error.message));
  const told = opened();
  const untold = alerts.filter(({ id }) => !told.includes(id)).length;
  const found = alerts.filter(ofExcursion).length;
  const others = [...new Set(alerts.filter((alert) => !ofExcursion(alert)).map(({ rule }) => rule.id))];
  const twice = told.length - new Set(told).size;
  if (found !== expected) wrong.push(`${found} alerts of ${expected} excursions`);
  if (untold > 0 || twice > 0) wrong.push(`${twice} alerts were told twice, ${untold} never`);
  const said =
    `${expected} excursions: ${found} alerts of them and ${alerts.length - found} others (${others.join(', ')}); ` +
    `${told.length} told as new, ${twice} of them twice, ${untold} never; ${receiver.received.length} messages in all`;
  return { said, wrong };
}

/** Whether no message came twice: once everybody who may send one has ended. */
export function messagesOf(receiver: Receiver): Found {
  const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
  const twice = ids.length - new Set(ids).size;
  return {
    said: `${ids.length} messages, ${twice} twice`,
    wrong: twice > 0 ? [`${twice} messages came twice`] : [],
  };
}
