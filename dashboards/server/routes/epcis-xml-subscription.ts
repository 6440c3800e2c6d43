import type { XmlQueryRequest } from '../../../codecs/epcis/index.ts';
import { InputError, parseTimestamp } from '../../../domain/index.ts';
import { type EpcisSchedule, EVENT_QUERY, type NewEpcisSubscription, SCHEDULE_FIELDS } from '../../../trace/index.ts';

/** What is told as it comes, where the standard leaves the names of triggers to the system. */
const STREAM = 'stream';
const CONTROLS = new Set(['trigger', 'initialRecordTime', 'reportIfEmpty']);

/**
 * What a `Subscribe` of the XML interface asks for (EPCIS 1.2 and 2.0, section 8.2.5).
 * @param now epoch ms UTC
 * @throws {InputError} EPCIS_SUBSCRIPTION, EPCIS_NOT_SUBSCRIBED, EPCIS_PARAMETER
 */
export function subscriptionIn(
  { fields, form, parameters, controls, schedule: given }: XmlQueryRequest,
  now: number,
): NewEpcisSubscription & { readonly query: string } {
  const query = fields.get('queryName') ?? '';
  const id = fields.get('subscriptionID');
  if (query === 'SimpleMasterDataQuery') {
    throw new InputError('EPCIS_NOT_BY_SOAP', 'nobody subscribes to SimpleMasterDataQuery; allowed: Poll');
  }
  if (id === undefined) throw bad('subscriptionID', 'nothing', 'an id of your own');
  const unknown = [...controls.keys()].find((name) => !CONTROLS.has(name));
  if (unknown !== undefined) throw bad(`controls.${unknown}`, controls.get(unknown) ?? '', [...CONTROLS].join(', '));
  const trigger = controls.get('trigger');
  if ((given === null) === (trigger === undefined)) {
    throw bad('controls', given === null ? 'neither' : 'both', 'a schedule, or the trigger "stream"');
  }
  if (trigger !== undefined && trigger !== STREAM) throw bad('controls.trigger', trigger, STREAM);
  const isOwn = query === EVENT_QUERY;
  if (!isOwn && parameters.size > 0) {
    throw new InputError('EPCIS_PARAMETER', `params: given; allowed: none, ${query} has its own`);
  }
  return {
    ...{ query, id, dest: fields.get('dest') ?? '', signatureToken: null },
    schedule: given === null ? null : scheduleOf(given),
    reportIfEmpty: truth('reportIfEmpty', controls.get('reportIfEmpty')),
    initialRecordTime: timeIn('initialRecordTime', controls.get('initialRecordTime')) ?? now,
    format: form.version === '1.2' ? 'xml 1.2' : 'xml 2.0',
    ...(isOwn && { parameters: Object.fromEntries(parameters) }),
  };
}

function scheduleOf(given: ReadonlyMap<string, string>): EpcisSchedule {
  const unknown = [...given.keys()].find((name) => !SCHEDULE_FIELDS.some((field) => field === name));
  if (unknown !== undefined)
    throw bad(`controls.schedule.${unknown}`, given.get(unknown) ?? '', SCHEDULE_FIELDS.join(', '));
  return Object.fromEntries(
    SCHEDULE_FIELDS.flatMap((field) => {
      const text = given.get(field);
      return text === undefined ? [] : [[field, text]];
    }),
  );
}

/** As XML writes it. */
function truth(name: string, given: string | undefined): boolean {
  if (given === undefined || given === 'false' || given === '0') return false;
  if (given === 'true' || given === '1') return true;
  throw bad(`controls.${name}`, given, 'true or false');
}

function timeIn(name: string, given: string | undefined): number | null {
  if (given === undefined) return null;
  const at = parseTimestamp(given);
  if (at === null) throw bad(`controls.${name}`, given, 'a time, RFC 3339 with zone');
  return at;
}

function bad(name: string, given: string, allowed: string): InputError {
  return new InputError('EPCIS_SUBSCRIPTION', `${name}: "${given.slice(0, 100)}" given; allowed: ${allowed}`);
}
