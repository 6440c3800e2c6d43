import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EpcisEvent, readEpcis } from '../../codecs/epcis/index.ts';
import { sharedTestdata, WITHOUT_SAMPLES } from '../../tests/parts.ts';
import type { Problem } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

const SAMPLES = sharedTestdata('epcis/');
const CONTEXT = 'https://ref.gs1.org/standards/epcis/epcis-context.jsonld';
const SSCC = 'urn:epc:id:sscc:0614141.1999999990';
const sgtin = (serial: number) => `urn:epc:id:sgtin:0614141.999999.${serial}`;

let house: Installation;
beforeAll(async () => {
  house = await Installation.start();
});
afterAll(() => house.stop());

async function ask(method: string, path: string, body?: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${house.url}/epcis/v2${path}`, {
    method,
    headers: { authorization: `Bearer ${await house.token('logistics')}`, ...headers },
    ...(body !== undefined && { body }),
  });
  return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) };
}

function capture(body: string, headers: Record<string, string> = {}) {
  const type = body.trimStart().startsWith('<') ? 'application/xml' : 'application/ld+json';
  return ask('POST', '/capture', body, { 'content-type': type, ...headers });
}

async function found(query: string): Promise<Record<string, unknown>[]> {
  const { status, body } = await ask('GET', `/events?perPage=1000&${query}`);
  expect(status).toBe(200);
  expect(readEpcis(JSON.stringify(body)).kind).toBe('query document');
  return body.epcisBody.queryResults.resultsBody.eventList;
}

function document(...eventList: object[]): string {
  const head = { '@context': [CONTEXT], type: 'EPCISDocument', schemaVersion: '2.0' };
  return JSON.stringify({ ...head, creationDate: '2026-07-22T10:30:00Z', epcisBody: { eventList } });
}

const observed = (serial: number, change: object = {}) => ({
  ...{ type: 'ObjectEvent', eventTime: '2026-07-22T06:45:00.000+02:00', eventTimeZoneOffset: '+02:00' },
  ...{ action: 'OBSERVE', bizStep: 'shipping', epcList: [sgtin(serial)], ...change },
});

/** As it is returned: with the repository's record time. */
const recorded = (event: EpcisEvent | object) => ({ ...event, recordTime: expect.stringMatching(/^2\d{3}-.*Z$/) });

describe('the published samples', () => {
  test('that are valid are captured, found by time, step and EPC, and returned with the same content', async (context) => {
    if (SAMPLES === null) return context.skip(WITHOUT_SAMPLES);
    const folder = new URL('valid/', SAMPLES);
    for (const file of readdirSync(folder)) {
      const text = readFileSync(new URL(file, folder), 'utf8');
      const answer = await capture(text);
      expect(answer.status, `${file} ${JSON.stringify(answer.body)}`).toBe(202);
      const job = await ask('GET', (answer.headers.get('location') ?? '').replace('/epcis/v2', ''));
      expect(job.body, file).toMatchObject({ running: false, success: true, errors: [] });
      for (const event of readEpcis(text).events) {
        const step = event.bizStep === undefined ? '' : `&EQ_bizStep=${encodeURIComponent(event.bizStep)}`;
        const at = encodeURIComponent(event.eventTime);
        expect(await found(`eventType=${event.type}&GE_eventTime=${at}${step}`), file).toContainEqual(recorded(event));
        const list = 'childEPCs' in event ? event.childEPCs : 'epcList' in event ? event.epcList : [];
        const epc = Array.isArray(list) ? list[0] : undefined;
        if (typeof epc !== 'string') continue;
        expect(await found(`MATCH_epc=${encodeURIComponent(epc)}`), file).toContainEqual(recorded(event));
        expect(await found(`MATCH_anyEPC=${encodeURIComponent(epc)}`), file).toContainEqual(recorded(event));
      }
    }
  });

  test('that are not are refused by the field', async (context) => {
    if (SAMPLES === null) return context.skip(WITHOUT_SAMPLES);
    const folder = new URL('invalid/', SAMPLES);
    for (const file of readdirSync(folder)) {
      const { status, body } = await capture(readFileSync(new URL(file, folder), 'utf8'));
      expect(status, file).toBe(400);
      expect((body as Problem).errors?.[0]?.path, file).toMatch(/@context|action|eventTime/);
    }
  });
});

describe('a document with one wrong event', () => {
  const mixed = document(observed(101), observed(102, { action: 'CREATE' }));

  test('is refused whole', async () => {
    expect(await capture(mixed)).toMatchObject({
      status: 400,
      body: { code: 'EPCIS_INVALID', errors: [{ path: 'epcisBody.eventList[1].action' }] },
    });
    expect(await found(`MATCH_epc=${sgtin(101)}`)).toEqual([]);
  });

  test('is taken but for that event where the client says proceed, and the job says so', async () => {
    const { status, body } = await capture(mixed, { 'GS1-Capture-Error-Behaviour': 'proceed' });
    expect(status).toBe(202);
    expect(body).toMatchObject({
      success: false,
      errors: [{ detail: expect.stringContaining('eventList[1].action') }],
    });
    expect(await found(`MATCH_epc=${sgtin(101)}`)).toEqual([recorded(observed(101))]);
    expect(await found(`MATCH_epc=${sgtin(102)}`)).toEqual([]);
  });
});

describe('what is refused', () => {
  test.each([
    ['a document type', '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', {}, 400, 'EPCIS_XML'],
    ['a key twice', '{"type":"EPCISDocument","type":"x"}', {}, 400, 'EPCIS_JSON'],
    ['nothing', '', {}, 400, 'EPCIS_EMPTY'],
    ['another media type', '{}', { 'content-type': 'text/plain' }, 415, 'EPCIS_MEDIA'],
    ['a word of the header', document(observed(1)), { 'GS1-Capture-Error-Behaviour': 'maybe' }, 400, 'EPCIS_HEADER'],
    ['more than 16 MB', ' '.repeat(17 * 1024 * 1024), {}, 413, 'BODY_TOO_LARGE'],
  ])('%s', async (_, body, headers, status, code) => {
    expect(await capture(body, headers)).toMatchObject({ status, body: { code } });
  });

  test('a query with a parameter that is not known, or a value that makes no sense', async () => {
    for (const query of [
      'EQ_bizstep=shipping',
      'GE_eventTime=yesterday',
      'eventType=Party',
      'perPage=0',
      'nextPageToken=x',
    ]) {
      const { status, body } = await ask('GET', `/events?${query}`);
      expect({ status, code: body.code }, query).toEqual({ status: 400, code: 'EPCIS_PARAMETER' });
    }
  });
});

describe('queries', () => {
  test('find by each parameter, by a pattern and by the forms a word has', async () => {
    const event = observed(201, {
      ...{ eventID: 'urn:uuid:6f1b6f50-0000-4000-8000-000000000201', disposition: 'in_transit' },
      ...{ readPoint: { id: 'urn:epc:id:sgln:0614141.77777.0' }, bizLocation: { id: 'site:lyon' } },
    });
    await capture(document(event));
    const parent = { type: 'AggregationEvent', action: 'ADD', parentID: SSCC, childEPCs: [sgtin(202)] };
    await capture(document({ ...observed(0), epcList: undefined, ...parent }));
    for (const query of [
      'EQ_eventID=urn:uuid:6f1b6f50-0000-4000-8000-000000000201',
      `MATCH_epc=${sgtin(999)}|${sgtin(201)}`,
      `MATCH_epc=${sgtin(201)}&EQ_bizStep=urn:epcglobal:cbv:bizstep:shipping&EQ_disposition=in_transit`,
      'EQ_readPoint=urn:epc:id:sgln:0614141.77777.0&EQ_action=OBSERVE',
      'EQ_bizLocation=site:lyon',
      'MATCH_anyEPC=urn:epc:idpat:sgtin:0614141.99999*.201',
      `MATCH_epc=${sgtin(201)}&LT_eventTime=2026-07-22T04:45:00.001Z&GE_recordTime=2026-07-22T04:45:00Z`,
    ]) {
      expect(await found(query), query).toEqual([recorded(event)]);
    }
    expect(await found(`MATCH_epc=${sgtin(201)}&LT_eventTime=2026-07-22T04:45:00Z`)).toEqual([]);
    expect(await found(`MATCH_parentID=${SSCC}`)).toMatchObject([parent]);
    expect(await found(`MATCH_epc=${SSCC}`)).toEqual([]);
  });

  test('page through everything once, in the order asked for', async () => {
    await capture(document(...[1, 2, 3, 4, 5].map((n) => observed(300 + n, { eventTime: `2026-08-0${n}T00:00:00Z` }))));
    const seen: unknown[] = [];
    let path: string | null =
      '/events?GE_eventTime=2026-08-01T00:00:00Z&LT_eventTime=2026-08-09T00:00:00Z&orderBy=eventTime&orderDirection=ASC&perPage=2';
    for (let page = 0; path !== null && page < 5; page++) {
      const { headers, body } = await ask('GET', path);
      seen.push(...body.epcisBody.queryResults.resultsBody.eventList.map((event: EpcisEvent) => event.eventTime));
      path = /<\/epcis\/v2([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1] ?? null;
    }
    expect(seen).toEqual([1, 2, 3, 4, 5].map((n) => `2026-08-0${n}T00:00:00Z`));
  });
});

test('capture is not for everybody', async () => {
  const response = await fetch(`${house.url}/epcis/v2/capture`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await house.token('dock')}` },
    body: document(observed(1)),
  });
  expect(response.status).toBe(403);
  expect((await fetch(`${house.url}/epcis/v2/events`)).status).toBe(401);
});
