import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { canonicalLink, type EpcisEvent, readEpcis } from '../../codecs/epcis/index.ts';
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
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}

const SOON = { timeout: 30_000 };

/** Worked in once it is answered here: where the machine is busy a document is durable first (202), and its job says when. */
async function capture(body: string, headers: Record<string, string> = {}) {
  const type = body.trimStart().startsWith('<') ? 'application/xml' : 'application/ld+json';
  const answer = await ask('POST', '/capture', body, { 'content-type': type, ...headers });
  if (answer.status !== 202) return answer;
  const job = (answer.headers.get('location') ?? '').replace('/epcis/v2', '');
  return vi.waitFor(async () => {
    const { body: view } = await ask('GET', job);
    expect(view.running).toBe(false);
    return { ...answer, status: 201, body: view };
  }, SOON);
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
      expect(answer.status, `${file} ${JSON.stringify(answer.body)}`).toBe(201);
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
    expect(status).toBe(201);
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
      'EXISTS_errorDeclaration=perhaps',
      'GT_quantity=many',
      'EQ_readPoints=site:lyon',
      'maxEventCount=1&eventCountLimit=1',
      'HASATTR_eventTime=a',
      'GE_ext:weight=heavy',
    ]) {
      const { status, body } = await ask('GET', `/events?${query}`);
      expect({ status, code: body.code }, query).toEqual({ status: 400, code: 'EPCIS_PARAMETER' });
    }
  });
});

describe('documents made to exhaust the platform', () => {
  test('a hundred megabytes are refused by size, and everybody else is answered meanwhile', async () => {
    const sent = capture(' '.repeat(100 * 1024 * 1024), { 'content-type': 'application/xml' });
    let waited = 0;
    let isDone = false;
    const refused = sent.finally(() => {
      isDone = true;
    });
    while (!isDone) {
      const from = performance.now();
      expect((await fetch(`${house.url}/healthz`)).status).toBe(200);
      waited = Math.max(waited, performance.now() - from);
    }
    expect(await refused).toMatchObject({
      status: 413,
      body: { code: 'BODY_TOO_LARGE', detail: expect.stringContaining('at most 16777216 bytes') },
    });
    expect(waited).toBeLessThan(5_000);
  });

  test('ten thousand EPCs in one event are one event, found by each', async () => {
    const epcs = Array.from({ length: 10_000 }, (_, n) => `urn:epc:id:sgtin:0614141.777777.${n}`);
    const { status } = await capture(document(observed(0, { epcList: epcs })));
    expect([201, 202]).toContain(status);
    const of = (n: number) => ask('GET', `/events?MATCH_epc=urn:epc:id:sgtin:0614141.777777.${n}`);
    await vi.waitFor(
      async () => {
        const { body } = await of(9_999);
        const [event] = body.epcisBody.queryResults.resultsBody.eventList;
        expect(event?.epcList).toHaveLength(10_000);
      },
      { interval: 200 },
    );
  });

  test('a document with one wrong EPC among many leaves nothing behind', async () => {
    const epcs = Array.from({ length: 20_000 }, (_, n) => `urn:epc:id:sgtin:0614141.666666.${n}`);
    const { status, body } = await capture(document(observed(0, { epcList: [...epcs, 'urn:epc:id:sgtin:1.2.3'] })));
    expect({ status, path: body.errors[0].path }).toEqual({
      ...{ status: 400, path: 'epcisBody.eventList[0].epcList[20000]' },
    });
    expect(await found('MATCH_epc=urn:epc:id:sgtin:0614141.666666.1')).toEqual([]);
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

  test('find by what is registered here of the place that an event names', async () => {
    const registered = { kind: 'site', name: 'Metz dock', zone: 'Europe/Paris' };
    expect((await house.ask('admin', 'PUT', '/places/site:metz', registered)).status).toBeLessThan(300);
    const event = observed(471, { readPoint: { id: 'site:metz' }, bizLocation: { id: 'site:metz' } });
    await capture(document(event));
    const name = encodeURIComponent('urn:epcglobal:cbv:mda#name');
    for (const field of ['readPoint', 'bizLocation']) {
      for (const query of [`HASATTR_${field}=${name}&MATCH_epc=${sgtin(471)}`, `EQATTR_${field}_${name}=Metz%20dock`]) {
        await expect.poll(() => found(query), { message: query }).toEqual([recorded(event)]);
      }
      expect(await found(`EQATTR_${field}_${name}=Nancy`)).toEqual([]);
    }
  });

  test('find by every other parameter of the standard, and leave out what does not satisfy it', async () => {
    const head = { eventTime: '2026-09-01T00:00:00Z', eventTimeZoneOffset: '+00:00' };
    const all = {
      ...{ type: 'TransformationEvent', ...head, eventID: 'urn:uuid:6f1b6f50-0000-4000-8000-000000000401' },
      ...{ transformationID: 'urn:epc:id:gdti:0614141.12345.400', bizStep: 'commissioning' },
      inputEPCList: [sgtin(401)],
      outputEPCList: [sgtin(402)],
      inputQuantityList: [{ epcClass: 'urn:epc:class:lgtin:0614141.999999.L1', quantity: 30, uom: 'KGM' }],
      outputQuantityList: [{ epcClass: 'urn:epc:idpat:sgtin:0614141.888888.*', quantity: 5 }],
      persistentDisposition: { set: ['recalled'], unset: ['urn:epcglobal:cbv:disp:completeness_inferred'] },
      readPoint: { id: 'room:lyon-401/dock' },
      bizTransactionList: [{ type: 'po', bizTransaction: 'urn:epcglobal:cbv:bt:0614141073467:401' }],
      sourceList: [{ type: 'owning_party', source: 'urn:epc:id:pgln:0614141.00000' }],
      destinationList: [{ type: 'urn:epcglobal:cbv:sdt:location', destination: 'urn:epc:id:sgln:0614141.00777.0' }],
      ilmd: { 'cbvmda:lotNumber': 'A17', 'ext:nested': { 'ext:deep': 'x' } },
      'ext:colour': 'red',
      'ext:weight': 2.5,
      'ext:checked': '2026-08-01T00:00:00Z',
      sensorElementList: [
        {
          sensorMetadata: {
            ...{
              startTime: '2026-08-31T10:00:00+02:00',
              endTime: '2026-08-31T12:00:00Z',
              deviceID: 'device:logger-401',
            },
            ...{ bizRules: 'https://example.com/rules/401', dataProcessingMethod: 'https://example.com/method/401' },
          },
          sensorReport: [
            { type: 'Temperature', value: 26.5, uom: 'CEL', minValue: 4, maxValue: 28, meanValue: 12, sDev: 0.5 },
            { type: 'gs1:Dimensionless', stringValue: 'some-401', booleanValue: true, hexBinaryValue: 'f0401f' },
            { type: 'Count', value: 7, uriValue: 'https://example.com/u/401', percRank: 50, percValue: 6 },
            {
              ...{ type: 'Dimensionless', microorganism: 'https://example.com/m/401', value: 0.1 },
              chemicalSubstance: 'https://example.com/c/401',
            },
          ],
        },
      ],
    };
    const document_ = JSON.parse(document(all));
    document_['@context'] = [CONTEXT, { ext: 'https://ext.example.com/' }];
    const captured = await capture(JSON.stringify(document_));
    expect({ status: captured.status, body: captured.body }).toMatchObject({ status: 201 });
    const lyon = { id: 'site:lyon-401', kind: 'site', name: 'Lyon', parent: null, zone: 'Europe/Paris' } as const;
    const dock = { ...lyon, id: 'room:lyon-401/dock', kind: 'room', name: 'Dock', parent: lyon.id } as const;
    await house.tell({ type: 'place', place: lyon, by: 'test' }, { type: 'place', place: dock, by: 'test' });
    const pairs: [found: string, other: string][] = [
      ['EQ_persistentDisposition_set=recalled', 'EQ_persistentDisposition_set=stolen'],
      ['EQ_persistentDisposition_unset=completeness_inferred', 'EQ_persistentDisposition_unset=recalled'],
      ['WD_readPoint=site:lyon-401', 'WD_readPoint=site:paris'],
      [
        'EQ_transformationID=urn:epc:id:gdti:0614141.12345.400',
        'EQ_transformationID=urn:epc:id:gdti:0614141.12345.401',
      ],
      [`MATCH_inputEPC=${sgtin(401)}`, `MATCH_inputEPC=${sgtin(402)}`],
      [`MATCH_outputEPC=${sgtin(402)}`, `MATCH_outputEPC=${sgtin(401)}`],
      [`MATCH_anyEPC=${sgtin(402)}`, `MATCH_epc=${sgtin(402)}`],
      [
        'MATCH_anyEPC=https://id.gs1.org/01/09061414199999/21/1|urn:epc:idpat:sgtin:0614141.999999.401',
        'MATCH_anyEPC=urn:a:b',
      ],
      [
        'MATCH_inputEPCClass=urn:epc:class:lgtin:0614141.999999.L1',
        'MATCH_inputEPCClass=urn:epc:class:lgtin:0614141.999999.L2',
      ],
      [
        'MATCH_inputEPCClass=urn:epc:idpat:sgtin:0614141.999999.*',
        'MATCH_epcClass=urn:epc:class:lgtin:0614141.999999.L1',
      ],
      [
        'MATCH_outputEPCClass=urn:epc:idpat:sgtin:0614141.888888.*',
        'MATCH_outputEPCClass=urn:epc:idpat:sgtin:0614141.888889.*',
      ],
      [
        'MATCH_anyEPCClass=urn:epc:class:lgtin:0614141.999999.L1',
        'MATCH_anyEPCClass=urn:epc:class:lgtin:0614141.999999.L9',
      ],
      ['EQ_quantity=30', 'EQ_quantity=31'],
      ['GT_quantity=29', 'GT_quantity=30'],
      ['LE_quantity=5', 'LT_quantity=5'],
      [
        'EQ_bizTransaction_po=urn:epcglobal:cbv:bt:0614141073467:401',
        'EQ_bizTransaction_inv=urn:epcglobal:cbv:bt:0614141073467:401',
      ],
      ['EQ_source_owning_party=urn:epc:id:pgln:0614141.00000', 'EQ_source_location=urn:epc:id:pgln:0614141.00000'],
      [
        'EQ_destination_location=https://id.gs1.org/414/0614141007776',
        'EQ_destination_location=urn:epc:id:sgln:0614141.00778.0',
      ],
      ['EQ_ILMD_cbvmda:lotNumber=A16|A17', 'EQ_ILMD_cbvmda:lotNumber=A16'],
      ['EQ_INNER_ILMD_ext:deep=x', 'EQ_ILMD_ext:deep=x'],
      ['EXISTS_ILMD_cbvmda:lotNumber=true', 'EXISTS_ILMD_cbvmda:lotNumber=false'],
      ['EQ_ext:colour=red', 'EQ_ext:colour=blue'],
      ['EQ_ext:weight=2.5', 'GT_ext:weight=2.5'],
      ['GE_ext:checked=2026-08-01T02:00:00%2B02:00', 'LT_ext:checked=2026-08-01T00:00:00Z'],
      ['EXISTS_ext:colour=true', 'EXISTS_ext:shade=true'],
      ['EQ_https://ext.example.com/%23colour=red', 'EQ_https://ext.example.com/%23colour=blue'],
      ['EQ_https://ext.example.com%23weight=2.5', 'GT_https://ext.example.com%23weight=2.5'],
      ['EXISTS_https://ext.example.com%23colour=true', 'EXISTS_https://other.example.com%23colour=true'],
      ['EQ_INNER_ILMD_https://ext.example.com/%23deep=x', 'EQ_ILMD_https://ext.example.com/%23deep=x'],
      ['EQ_ILMD_urn:epcglobal:cbv:mda%23lotNumber=A17', 'EQ_ILMD_urn:epcglobal:cbv:mda%23lotNumber=A16'],
      ['EXISTS_INNER_ILMD_%23deep=false', 'EXISTS_INNER_ILMD_%23deep=true'],
      ['EXISTS_ext:shade=false', 'EXISTS_ext:weight=false'],
      ['EXISTS_errorDeclaration=false', 'EXISTS_errorDeclaration=true'],
      ['EQ_type=Temperature', 'EQ_type=Illuminance'],
      ['EQ_type=https://gs1.org/voc/Dimensionless', 'EQ_type=gs1:Speed'],
      ['EQ_value_CEL=26.5', 'EQ_value_FAH=26.5'],
      ['GT_value_CEL=26', 'GT_value_CEL=26.5'],
      ['LE_minValue_CEL=4', 'LT_minValue_CEL=4'],
      ['GE_maxValue=28', 'GT_maxValue=28'],
      ['EQ_meanValue_CEL=12', 'EQ_meanValue_CEL=13'],
      ['EQ_sDev=0.5', 'EQ_sDev=0.6'],
      ['EQ_percRank=50', 'EQ_percRank=51'],
      ['EQ_percValue=6', 'EQ_percValue=7'],
      ['EQ_deviceID=device:logger-401', 'EQ_deviceID=device:logger-402'],
      [
        'EQ_dataProcessingMethod=https://example.com/method/401',
        'EQ_dataProcessingMethod=https://example.com/method/402',
      ],
      ['EQ_bizRules=https://example.com/rules/401', 'EQ_bizRules=https://example.com/rules/402'],
      ['EQ_microorganism=https://example.com/m/401', 'EQ_microorganism=https://example.com/m/402'],
      ['EQ_chemicalSubstance=https://example.com/c/401', 'EQ_chemicalSubstance=https://example.com/c/402'],
      ['EQ_stringValue=some-401', 'EQ_stringValue=some-402'],
      ['EQ_hexBinaryValue=f0401f', 'EQ_hexBinaryValue=f0402f'],
      ['EQ_uriValue=https://example.com/u/401', 'EQ_uriValue=https://example.com/u/402'],
      ['EQ_booleanValue=true', 'EQ_booleanValue=false'],
      ['GE_startTime=2026-08-31T08:00:00Z', 'LT_startTime=2026-08-31T08:00:00Z'],
      ['LT_endTime=2026-08-31T12:00:00.001Z', 'GE_endTime=2026-08-31T12:00:00.001Z'],
    ];
    for (const [query, other] of pairs) {
      const within = `EQ_eventID=${all.eventID}`;
      expect(await found(`${within}&${query}`), query).toHaveLength(1);
      expect(await found(`${within}&${other}`), other).toEqual([]);
    }
    const declared = {
      ...all,
      errorDeclaration: { declarationTime: '2026-09-02T00:00:00Z', reason: 'incorrect_data' },
    };
    Object.assign(declared.errorDeclaration, { correctiveEventIDs: ['urn:uuid:6f1b6f50-0000-4000-8000-000000000402'] });
    document_.epcisBody.eventList = [declared];
    await capture(JSON.stringify(document_));
    // As JSON-LD has words of the CBV, however they came.
    const bare = {
      ...{ ...declared, persistentDisposition: { set: ['recalled'], unset: ['completeness_inferred'] } },
      destinationList: [{ type: 'location', destination: 'urn:epc:id:sgln:0614141.00777.0' }],
    };
    for (const query of [
      'EXISTS_errorDeclaration=true',
      'EQ_errorReason=urn:epcglobal:cbv:er:incorrect_data',
      'EQ_correctiveEventID=urn:uuid:6f1b6f50-0000-4000-8000-000000000402',
      'GE_errorDeclarationTime=2026-09-02T00:00:00Z&LT_errorDeclarationTime=2026-09-02T00:00:01Z',
    ]) {
      expect(await found(`EQ_eventID=${all.eventID}&${query}`), query).toEqual([recorded(bare)]);
    }
    expect(await found('EQ_errorReason=did_not_occur')).toEqual([]);
  });

  test('an EPC is found by its Digital Link, and by its URN where the event has the link', async () => {
    await capture(document(observed(501), observed(0, { epcList: ['https://example.com/01/09061414199999/21/502'] })));
    const link = (serial: number) => encodeURIComponent(canonicalLink(sgtin(serial)) ?? '');
    expect(await found(`MATCH_epc=${link(501)}`)).toHaveLength(1);
    const { body } = await ask('GET', `/epcs/${link(501)}/events`);
    expect(body.epcisBody.queryResults.resultsBody.eventList).toHaveLength(1);
    expect((await ask('GET', `/epcs/${link(503)}/events`)).body).toMatchObject({ type: 'EPCISQueryDocument' });
    expect(await found('MATCH_epc=https://example.com/01/09061414199999/21/*')).toHaveLength(1);
  });

  test('are limited in all by eventCountLimit, and refused beyond maxEventCount', async () => {
    await capture(document(...[601, 602, 603].map((n) => observed(n, { readPoint: { id: 'portal:counted' } }))));
    const first = await ask('GET', '/events?EQ_readPoint=portal:counted&orderBy=eventTime&eventCountLimit=2&perPage=1');
    const next = /<\/epcis\/v2([^>]+)>/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    const second = await ask('GET', next);
    expect(second.body.epcisBody.queryResults.resultsBody.eventList).toHaveLength(1);
    expect(second.headers.get('link')).toBeNull();
    expect(await ask('GET', '/events?eventCountLimit=2')).toMatchObject({
      ...{ status: 400, body: { code: 'EPCIS_PARAMETER', type: 'epcisException:QueryParameterException' } },
    });
    expect(await found('EQ_readPoint=portal:counted&maxEventCount=3')).toHaveLength(3);
    expect(await ask('GET', '/events?EQ_readPoint=portal:counted&maxEventCount=2')).toMatchObject({
      ...{ status: 413, body: { code: 'EPCIS_TOO_MANY', type: 'epcisException:QueryTooLargeException' } },
    });
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

test('one event is captured by itself, with an address where it has an ID', async () => {
  const eventID = 'urn:uuid:6f1b6f50-0000-4000-8000-000000000701';
  const event = { '@context': CONTEXT, ...observed(701), eventID };
  const { status, headers } = await ask('POST', '/events', JSON.stringify(event), {
    'content-type': 'application/json',
  });
  expect([201, 202]).toContain(status);
  await vi.waitFor(async () => {
    const { body } = await ask('GET', (headers.get('location') ?? '').replace('/epcis/v2', ''));
    expect(body.epcisBody.queryResults.resultsBody.eventList).toMatchObject([{ eventID, epcList: [sgtin(701)] }]);
  }, SOON);
  const other = await ask('POST', '/events', document(observed(702)), { 'content-type': 'application/json' });
  expect(other).toMatchObject({ status: 400, body: { code: 'EPCIS_KIND' } });
});

test('a document and a single event at the wrong door are told where they belong', async () => {
  const json = { 'content-type': 'application/json' };
  const event = JSON.stringify({ '@context': CONTEXT, ...observed(703) });
  const atCapture = await ask('POST', '/capture', event, json);
  expect(atCapture).toMatchObject({
    status: 400,
    body: { code: 'EPCIS_KIND', detail: expect.stringMatching(/to \/epcis\/v2\/events$/) },
  });
  const atEvents = await ask('POST', '/events', document(observed(703)), json);
  expect(atEvents).toMatchObject({
    status: 400,
    body: { code: 'EPCIS_KIND', detail: expect.stringMatching(/to \/epcis\/v2\/capture$/) },
  });
});

test('XML in UTF-16, with a QuantityEvent in it, is captured', async () => {
  const eventTime = '2026-08-15T06:45:00.000Z';
  const times = `<eventTime>${eventTime}</eventTime><eventTimeZoneOffset>+00:00</eventTimeZoneOffset>`;
  const xml = `\uFEFF<?xml version="1.0" encoding="UTF-16"?><e:EPCISDocument xmlns:e="urn:epcglobal:epcis:xsd:1"
    schemaVersion="1.1" creationDate="${eventTime}"><EPCISBody><EventList>
    <QuantityEvent>${times}<epcClass>urn:epc:class:lgtin:4012345.012345.9</epcClass><quantity>200</quantity></QuantityEvent>
    <ObjectEvent>${times}<epcList><epc>${sgtin(704)}</epc></epcList><action>OBSERVE</action></ObjectEvent>
    </EventList></EPCISBody></e:EPCISDocument>`;
  const answer = await fetch(`${house.url}/epcis/v2/capture`, {
    ...{ method: 'POST', body: Buffer.from(xml, 'utf16le') },
    headers: { authorization: `Bearer ${await house.token('logistics')}`, 'content-type': 'application/xml' },
  });
  expect([201, 202]).toContain(answer.status);
  const events = await vi.waitFor(async () => {
    const both = await found(`GE_eventTime=${encodeURIComponent(eventTime)}&LT_eventTime=2026-08-16T00:00:00Z`);
    expect(both).toHaveLength(2);
    return both;
  }, SOON);
  expect(events).toContainEqual(
    expect.objectContaining({ quantityList: [expect.objectContaining({ quantity: 200 })] }),
  );
});

test('versions and media that are not spoken are named', async () => {
  const { headers } = await ask('GET', '/events?perPage=1');
  expect(Object.fromEntries(headers)).toMatchObject({ 'gs1-epcis-version': '2.0.0', 'gs1-epcis-max': '2.0.0' });
  expect(await ask('GET', '/events', undefined, { accept: 'text/csv' })).toMatchObject({
    ...{ status: 406, body: { code: 'EPCIS_ACCEPT' } },
  });
  expect(await ask('GET', '/events', undefined, { 'GS1-EPCIS-Min': '3.0' })).toMatchObject({
    ...{ status: 406, body: { code: 'EPCIS_VERSION' } },
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
