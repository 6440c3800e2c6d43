import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { BUSINESS_STEPS, canonicalLink, readEpcis } from '../../codecs/epcis/index.ts';
import { Installation } from './testing/installation.ts';

const CONTEXT = 'https://ref.gs1.org/standards/epcis/epcis-context.jsonld';
const SOON = { timeout: 30_000 };
const sgtin = (serial: number) => `urn:epc:id:sgtin:0614141.999999.${serial}`;

let house: Installation;
beforeAll(async () => {
  house = await Installation.start();
  for (let n = 1; n <= 3; n++) {
    const { headers, status } = await capture(
      observed(n, { readPoint: { id: `urn:epc:id:sgln:0614141.7770${n}.0` } }),
      observed(n + 10, { bizStep: 'https://ext.example.com/steps/weighing' }),
    );
    expect([201, 202]).toContain(status);
    // Where the machine is busy it is durable, and worked in a moment later.
    const job = headers.get('location')?.replace('/epcis/v2', '') ?? '';
    await vi.waitFor(async () => expect((await ask('GET', job)).body.running).toBe(false), SOON);
  }
});
afterAll(() => house.stop());

async function ask(method: string, path: string, body?: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${house.url}/epcis/v2${path}`, {
    method,
    headers: { authorization: `Bearer ${await house.token('logistics')}`, ...headers },
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : null };
}

function capture(...eventList: object[]) {
  const head = { '@context': [CONTEXT], type: 'EPCISDocument', schemaVersion: '2.0' };
  const body = JSON.stringify({ ...head, creationDate: '2026-07-22T10:30:00Z', epcisBody: { eventList } });
  return ask('POST', '/capture', body, { 'content-type': 'application/ld+json' });
}

function observed(serial: number, change: object = {}) {
  return {
    ...{ type: 'ObjectEvent', eventTime: '2026-07-22T06:45:00.000+02:00', eventTimeZoneOffset: '+02:00' },
    ...{ action: 'OBSERVE', bizStep: 'shipping', epcList: [sgtin(serial)], ...change },
  };
}

/** Every member of a collection, page by page. */
async function members(path: string): Promise<string[]> {
  const found: string[] = [];
  for (let next: string | null = path; next !== null; ) {
    const { status, headers, body } = await ask('GET', next);
    expect(status, next).toBe(200);
    expect(body).toMatchObject({ '@context': CONTEXT, type: 'Collection' });
    expect(new Set(body.member).size).toBe(body.member.length);
    found.push(...body.member);
    const link: string | undefined = /<\/epcis\/v2([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1];
    if (link !== undefined) expect(Date.parse(headers.get('gs1-next-page-token-expires') ?? '')).toBeGreaterThan(0);
    next = link ?? null;
    expect(found.length).toBeLessThan(1_000);
  }
  return found;
}

describe('events in XML', () => {
  test('are given where the client accepts XML, and say the same as JSON-LD', async () => {
    for (const accept of ['application/xml', 'text/xml']) {
      const { status, headers, text } = await ask('GET', `/events?MATCH_epc=${sgtin(1)}`, undefined, { accept });
      expect({ status, type: headers.get('content-type') }).toEqual({ status: 200, type: `${accept}; charset=utf-8` });
      expect(readEpcis(text)).toMatchObject({ kind: 'query document', events: [{ epcList: [sgtin(1)] }] });
    }
    const json = await ask('GET', `/events?MATCH_epc=${sgtin(1)}`, undefined, { accept: '*/*' });
    expect(json.body.epcisBody.queryResults.resultsBody.eventList).toHaveLength(1);
    const web = { accept: 'application/xml', 'GS1-CBV-XML-Format': 'Always_Web_URI' };
    const asked = await ask('GET', `/bizSteps/shipping/events?MATCH_epc=${sgtin(1)}`, undefined, web);
    expect(asked.text).toContain('<bizStep>https://ref.gs1.org/cbv/BizStep-shipping</bizStep>');
    expect(asked.headers.get('gs1-cbv-xml-format')).toBe('Always_Web_URI');
    const links = { 'GS1-EPC-Format': 'Always_GS1_Digital_Link' };
    const linked = await ask('GET', `/events?MATCH_epc=${sgtin(1)}`, undefined, links);
    expect(linked.headers.get('gs1-epc-format')).toBe('Always_GS1_Digital_Link');
    expect(linked.body.epcisBody.queryResults.resultsBody.eventList).toMatchObject([
      { epcList: [canonicalLink(sgtin(1))], readPoint: { id: canonicalLink('urn:epc:id:sgln:0614141.77701.0') } },
    ]);
    const asUrns = { 'GS1-EPC-Format': 'Always_EPC_URN' };
    const urns = await ask('GET', `/events?MATCH_epc=${sgtin(1)}`, undefined, asUrns);
    expect({ status: urns.status, format: urns.headers.get('gs1-epc-format') }).toEqual({
      status: 200,
      format: 'Always_EPC_URN',
    });
    const wrong = await ask('GET', '/events', undefined, { ...web, 'GS1-CBV-XML-Format': 'Sometimes' });
    expect(wrong).toMatchObject({ status: 406, body: { code: 'EPCIS_FORMAT' } });
  });
});

describe('what there is to be asked for', () => {
  test('stands at the root, and each of it is there', async () => {
    const { body } = await ask('GET', '/');
    expect(body.member.toSorted()).toEqual(
      'bizLocations bizSteps capture dispositions epcs eventTypes events queries readPoints'.split(' '),
    );
    for (const resource of body.member) expect((await ask('GET', `/${resource}`)).status, resource).toBe(200);
  });

  test('is listed page by page, each thing once: words of the standard and those of partners', async () => {
    for (const perPage of [1, 7, 41, 42, 1_000]) {
      const steps = await members(`/bizSteps?perPage=${perPage}`);
      expect(steps).toEqual([...BUSINESS_STEPS, 'https://ext.example.com/steps/weighing']);
    }
    expect(await members('/eventTypes')).toHaveLength(5);
    expect(await members('/dispositions?perPage=10')).toContain('recalled');
    expect(await members('/readPoints?perPage=2')).toEqual([1, 2, 3].map((n) => `urn:epc:id:sgln:0614141.7770${n}.0`));
    expect(new Set(await members('/epcs?perPage=2'))).toEqual(new Set([1, 2, 3, 11, 12, 13].map(sgtin)));
  });

  test('leads to its events, and is not found where no event names it', async () => {
    for (const path of [
      '/eventTypes/ObjectEvent',
      `/epcs/${sgtin(1)}`,
      `/epcs/${encodeURIComponent(canonicalLink(sgtin(1)) ?? '')}`,
      '/bizSteps/receiving',
      '/bizSteps/urn:epcglobal:cbv:bizstep:receiving',
      `/bizSteps/${encodeURIComponent('https://ref.gs1.org/cbv/BizStep-receiving')}`,
      `/bizSteps/${encodeURIComponent('https://ext.example.com/steps/weighing')}`,
      '/dispositions/recalled',
      '/readPoints/urn:epc:id:sgln:0614141.77701.0',
    ]) {
      expect(await ask('GET', path), path).toMatchObject({ status: 200, body: { member: ['events'] } });
      expect((await ask('GET', `${path}/events`)).status, path).toBe(200);
    }
    for (const path of ['/eventTypes/Party', `/epcs/${sgtin(99)}`, '/bizSteps/urn:a:b', '/bizLocations/site:nowhere']) {
      expect(await ask('GET', path), path).toMatchObject({
        ...{ status: 404, body: { code: 'RESOURCE_UNKNOWN', type: 'epcisException:NoSuchResourceException' } },
      });
    }
  });

  test('says of each resource what may be done with it, and which versions are spoken', async () => {
    const allowed = { '/': 'OPTIONS, GET', '/capture': 'OPTIONS, POST, GET', '/events': 'OPTIONS, POST, GET' };
    for (const [path, methods] of Object.entries({ ...allowed, '/epcs/urn:a:b/events': 'OPTIONS, GET' })) {
      const { status, headers } = await ask('OPTIONS', path);
      expect({ status, allow: headers.get('allow')?.split(', ').toSorted() }, path).toEqual({
        ...{ status: 204, allow: methods.split(', ').toSorted() },
      });
      expect(Object.fromEntries(headers)).toMatchObject({
        ...{ 'gs1-epcis-version': '2.0.0', 'gs1-cbv-version': '2.0.0', 'gs1-epc-format': 'Never_Translates' },
        ...{ 'gs1-vendor-version': expect.stringMatching(/^Isotherm \d/), 'gs1-extensions': expect.any(String) },
      });
    }
    const { headers } = await ask('OPTIONS', '/capture');
    expect(headers.get('gs1-epcis-capture-limit')).toBe('100000');
    expect(headers.get('gs1-epcis-capture-file-size-limit')).toBe(String(16 * 1024 * 1024));
    expect(headers.get('gs1-capture-error-behaviour')).toBe('rollback');
    expect((await fetch(`${house.url}/epcis/v2/capture`, { method: 'OPTIONS' })).status).toBe(401);
    expect(await ask('DELETE', '/events')).toMatchObject({ status: 405, body: { code: 'METHOD_NOT_ALLOWED' } });
    expect(await ask('OPTIONS', '/nothing')).toMatchObject({ status: 404 });
  });

  test('is refused by the exception of the standard', async () => {
    for (const [path, status, type] of [
      ['/events?EQ_none=1', 400, 'QueryParameterException'],
      ['/bizSteps?perPage=0', 400, 'QueryParameterException'],
      ['/epcs?nextPageToken=x', 400, 'QueryParameterException'],
      ['/epcs?nextPageToken=LTk5IDk5OTk5OTk5OTk5OTk5OSA5OTk5OTk5OTk5OTk5OTkgMQ', 200, undefined],
      ['/capture?nextPageToken=x', 400, 'QueryParameterException'],
      ['/bizSteps?nextPageToken=cbv-999', 400, 'QueryParameterException'],
      ['/readPoints?nextPageToken=cbv-0', 400, 'QueryParameterException'],
      ['/readPoints?nextPageToken=AA', 400, 'QueryParameterException'],
    ] as const) {
      const answer = await ask('GET', path);
      const expected = type === undefined ? undefined : `epcisException:${type}`;
      expect({ status: answer.status, type: answer.body.type }, path).toMatchObject(
        type === undefined ? { status } : { status, type: expected },
      );
    }
  });

  test('parameters that look like SQL or JSON paths find nothing, and break nothing', async () => {
    for (const [name, value] of [
      ["EQATTR_bizLocation_x') OR ('1'='1", 'x'],
      ['HASATTR_bizLocation', "x'); DROP TABLE epcis_events; --"],
      ['HASATTR_ext:a" ? (1 == 1)', 'x'],
      ['EQATTR_ext:a"b_c', 'x'],
      ['EQ_ext:a" ? (@ > 0 || 1 == 1)', 'x'],
      ['MATCH_epc', "' OR 1=1 --"],
      ['EQ_bizStep', '$1'],
    ] as const) {
      const { status, body } = await ask('GET', `/events?${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
      expect({ status, events: body.epcisBody?.queryResults.resultsBody.eventList }, name).toEqual({
        status: 200,
        events: [],
      });
    }
    for (const name of [
      'HASATTR_eventTime',
      'HASATTR_',
      'EQATTR_bizLocation',
      'EQATTR_',
      'HASATTR',
      'EQ_readPoint;',
      'hasattr_bizLocation',
    ]) {
      expect(await ask('GET', `/events?${encodeURIComponent(name)}=x`), name).toMatchObject({
        ...{ status: 400, body: { type: 'epcisException:QueryParameterException' } },
      });
    }
    expect((await ask('GET', '/events?HASATTR_bizLocation=%00')).status).toBe(400);
    expect(
      (await ask('GET', `/events?MATCH_epc=${sgtin(1)}`)).body.epcisBody.queryResults.resultsBody.eventList,
    ).toHaveLength(1);
  });

  test('capture jobs are listed, newest first, page by page', async () => {
    const first = await ask('GET', '/capture?perPage=2');
    const next = /<\/epcis\/v2([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    const second = await ask('GET', next);
    const ids = [...first.body, ...second.body].map(({ captureID }) => captureID);
    expect(new Set(ids).size).toBe(3);
    expect(second.headers.get('link')).toBeNull();
    expect(first.body[0]).toMatchObject({ running: false, success: true, captureErrorBehaviour: 'rollback' });
  });
});

describe('a named query', () => {
  const json = { 'content-type': 'application/json' };
  const make = (name: string, query: object) => ask('POST', '/queries', JSON.stringify({ name, query }), json);

  test('is kept under its name, found, never changed, and removed', async () => {
    const name = 'erp/verschickt – «été» 100%';
    const path = `/queries/${encodeURIComponent(name)}`;
    const schema = 'https://ref.gs1.org/standards/epcis/2.0.0/query-schema.json';
    const query = {
      '@context': schema,
      EQ_bizStep: ['shipping', 'receiving'],
      MATCH_epc: [sgtin(1)],
      EXISTS_errorDeclaration: false,
    };
    const made = await make(name, query);
    expect(made).toMatchObject({ status: 201, body: { name, query } });
    expect(made.headers.get('location')).toBe(`/epcis/v2${path}`);
    expect(await ask('GET', path)).toMatchObject({ status: 200, body: { name, query } });
    expect((await ask('GET', '/queries')).body).toContainEqual({ name, query });
    const found = await ask('GET', `${path}/events?perPage=5`);
    expect(found.body.epcisBody.queryResults).toMatchObject({
      ...{ queryName: name, resultsBody: { eventList: [{ epcList: [sgtin(1)] }] } },
    });
    const xml = await ask('GET', `${path}/events`, undefined, { accept: 'application/xml' });
    expect(xml.text).toContain(`<queryName>${name}</queryName>`);
    const again = await make(name, { EQ_bizStep: ['packing'] });
    expect(again).toMatchObject({ status: 409, body: { type: 'epcisException:ResourceAlreadyExistsException' } });
    expect(await ask('GET', `${path}/events?EQ_bizStep=packing`)).toMatchObject({ status: 400 });
    expect((await ask('DELETE', path)).status).toBe(204);
    expect(await ask('GET', path)).toMatchObject({
      ...{ status: 404, body: { code: 'EPCIS_QUERY_UNKNOWN', type: 'epcisException:NoSuchNameException' } },
    });
    expect((await ask('DELETE', path)).status).toBe(404);
  });

  test('gives its events page by page, within what it limits itself to', async () => {
    await make('two', {
      MATCH_epc: [1, 2, 3].map(sgtin),
      orderBy: 'recordTime',
      orderDirection: 'ASC',
      eventCountLimit: 2,
    });
    const first = await ask('GET', '/queries/two/events?perPage=1');
    const next = /<\/epcis\/v2([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    const second = await ask('GET', next);
    const events = [first, second].flatMap(({ body }) => body.epcisBody.queryResults.resultsBody.eventList);
    expect(events).toMatchObject([{ epcList: [sgtin(1)] }, { epcList: [sgtin(2)] }]);
    expect(second.headers.get('link')).toBeNull();
  });

  test('is refused where nobody could ask it', async () => {
    for (const [name, query, code] of [
      ['bad', { EQ_bizstep: ['shipping'] }, 'EPCIS_PARAMETER'],
      ['bad', { GE_eventDate: '2026-01-01T00:00:00+01:00' }, 'EPCIS_PARAMETER'],
      ['bad', { EQ_action: ['SHIPPED'] }, 'EPCIS_PARAMETER'],
      ['bad', { orderBy: 'eventTime', orderDirection: 'SIDEWAYS' }, 'EPCIS_PARAMETER'],
      ['bad', { GE_eventTime: 'yesterday' }, 'EPCIS_PARAMETER'],
      ['bad', { EQ_bizStep: [] }, 'EPCIS_PARAMETER'],
      ['bad', { EQ_bizStep: [{ a: 1 }] }, 'EPCIS_PARAMETER'],
      ['bad', { eventCountLimit: 1, maxEventCount: 1 }, 'EPCIS_PARAMETER'],
      ['bad', { perPage: 5 }, 'EPCIS_PARAMETER'],
      ['', {}, 'EPCIS_QUERY_NAME'],
      ['..', {}, 'EPCIS_QUERY_NAME'],
      ['a\nb', {}, 'EPCIS_QUERY_NAME'],
      ['x'.repeat(201), {}, 'EPCIS_QUERY_NAME'],
      ['SimpleEventQuery', {}, 'EPCIS_QUERY_EXISTS'],
    ] as const) {
      const { status, body } = await make(name, query);
      expect({ status, code: body.code }, `${name} ${JSON.stringify(query)}`).toEqual({
        status: code === 'EPCIS_QUERY_EXISTS' ? 409 : 400,
        code,
      });
    }
    const dock = { authorization: `Bearer ${await house.token('dock')}`, ...json };
    const body = JSON.stringify({ name: 'dock', query: {} });
    expect((await ask('POST', '/queries', body, dock)).status).toBe(403);
  });
});

describe('a query in XML, for those who have nothing else', () => {
  const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/';

  async function post(content: string, { version = 1, envelope = 'soap', type = 'text/xml' } = {}) {
    const query = `xmlns:q="urn:epcglobal:epcis-query:xsd:${version}"`;
    const soap = `<s:Envelope xmlns:s="${SOAP}" ${query}><s:Header/><s:Body>${content}</s:Body></s:Envelope>`;
    const head = `schemaVersion="2.0" creationDate="2026-08-04T10:00:00.000Z"`;
    const document = `<q:EPCISQueryDocument ${query} ${head}><EPCISBody>${content}</EPCISBody></q:EPCISQueryDocument>`;
    const response = await fetch(`${house.url}/epcis/v1/query`, {
      ...{ method: 'POST', body: envelope === 'soap' ? soap : document },
      headers: { authorization: `Bearer ${await house.token('logistics')}`, 'content-type': type },
    });
    return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
  }
  const poll = (...params: string[]) =>
    `<q:Poll><queryName>SimpleEventQuery</queryName><params>${params.join('')}</params></q:Poll>`;
  const param = (name: string, value: string) => `<param><name>${name}</name><value>${value}</value></param>`;

  test('says its versions and names, in SOAP and in a document', async () => {
    await ask('POST', '/queries', JSON.stringify({ name: 'for soap', query: { MATCH_epc: [sgtin(2)] } }), {
      'content-type': 'application/json',
    });
    expect(await post('<q:GetStandardVersion/>')).toMatchObject({
      ...{ status: 200, type: 'text/xml; charset=utf-8' },
      text: expect.stringContaining('<epcisq:GetStandardVersionResult>1.2</epcisq:GetStandardVersionResult>'),
    });
    expect((await post('<q:GetVendorVersion/>')).text).toMatch(/<epcisq:GetVendorVersionResult>Isotherm \d/);
    const names = (await post('<q:GetQueryNames/>')).text;
    for (const name of ['SimpleEventQuery', 'SimpleMasterDataQuery', 'for soap']) {
      expect(names).toContain(`<string>${name}</string>`);
    }
    expect(
      (await post('<q:GetSubscriptionIDs><queryName>SimpleEventQuery</queryName></q:GetSubscriptionIDs>')).text,
    ).toContain('<epcisq:GetSubscriptionIDsResult></epcisq:GetSubscriptionIDsResult>');
    const document = await post('<q:GetStandardVersion/>', { version: 2, envelope: 'document' });
    expect(document.text).toContain('xmlns:epcisq="urn:epcglobal:epcis-query:xsd:2" schemaVersion="2.0"');
    const twelve = await fetch(`${house.url}/epcis/v1/query`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await house.token('logistics')}`, 'content-type': 'application/soap+xml' },
      body: `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><GetStandardVersion
        xmlns="urn:epcglobal:epcis-query:xsd:1"/></s:Body></s:Envelope>`,
    });
    expect(twelve.headers.get('content-type')).toContain('application/soap+xml');
  });

  test('gives events in the schema of the version that it is asked in, and finds the same as REST', async () => {
    const list = `<value>${sgtin(1)}</value><value>${sgtin(2)}</value>`;
    for (const value of [list, list.replaceAll('value>', 'string>')]) {
      const { status, text } = await post(
        poll(param('MATCH_epc', value), param('GE_eventTime', '2010-01-01T00:00:00Z')),
      );
      expect(status).toBe(200);
      const [, results = ''] = /<epcisq:QueryResults>(.*)<\/epcisq:QueryResults>/.exec(text) ?? [];
      const old = `<e:EPCISQueryDocument xmlns:e="urn:epcglobal:epcis-query:xsd:1" schemaVersion="1.2"><EPCISBody>
        <e:QueryResults>${results}</e:QueryResults></EPCISBody></e:EPCISQueryDocument>`;
      expect(readEpcis(old).events).toMatchObject([{ epcList: [sgtin(2)] }, { epcList: [sgtin(1)] }]);
      expect(text).toContain('<bizStep>urn:epcglobal:cbv:bizstep:shipping</bizStep>');
    }
    const two = await post(poll(param('MATCH_epc', `<string>${sgtin(1)}</string>`)), {
      version: 2,
      envelope: 'document',
    });
    expect(readEpcis(two.text).events).toMatchObject([{ epcList: [sgtin(1)] }]);
    const empty = poll(param('MATCH_epc', `<string>${sgtin(1)}</string>`), param('EQ_action', ''));
    expect((await post(empty)).text).toContain(sgtin(1));
    const named = await post('<q:Poll><queryName>for soap</queryName><params/></q:Poll>');
    expect(named.text).toContain(sgtin(2));
  });

  test('finds extensions by namespace and name, and an EXISTS whose value is void', async () => {
    const prefixed = (prefix: string) => ({
      '@context': { [prefix]: 'https://ext.example.com/void#' },
      [`${prefix}:shade`]: 'b',
    });
    await capture(observed(71, prefixed('one')), observed(72, prefixed('other')), observed(73));
    const found = async (...params: string[]) => {
      const of = [71, 72, 73].map((n) => `<string>${sgtin(n)}</string>`).join('');
      const { text } = await post(poll(param('MATCH_epc', of), ...params));
      return [...text.matchAll(/<epc>([^<]+)<\/epc>/g)].map(([, epc]) => epc).sort();
    };
    await vi.waitFor(async () => expect(await found()).toEqual([sgtin(71), sgtin(72), sgtin(73)]), SOON);
    const both = [sgtin(71), sgtin(72)];
    expect(await found(param('EQ_https://ext.example.com/void#shade', '<string>b</string>'))).toEqual(both);
    expect(await found(param('EXISTS_https://ext.example.com/void#shade', ''))).toEqual(both);
    expect(await found('<param><name>EXISTS_errorDeclaration</name><value/></param>')).toEqual([]);
    expect(await found(param('eventType', '<string>QuantityEvent</string>'))).toEqual([]);
  });

  test('is refused where its header holds what has to be understood, and not for what may be passed over', async () => {
    const headed = async (attributes: string, soap = SOAP) => {
      const block = `<w:Security xmlns:w="urn:example:signed" ${attributes}><w:Signature/></w:Security>`;
      const response = await fetch(`${house.url}/epcis/v1/query`, {
        method: 'POST',
        headers: { authorization: `Bearer ${await house.token('logistics')}`, 'content-type': 'text/xml' },
        body: `<s:Envelope xmlns:s="${soap}"><s:Header>${block}</s:Header><s:Body>
          <q:GetStandardVersion xmlns:q="urn:epcglobal:epcis-query:xsd:1"/></s:Body></s:Envelope>`,
      });
      return { status: response.status, text: await response.text() };
    };
    const refused = await headed('s:mustUnderstand="1"');
    expect(refused).toMatchObject({ status: 500, text: expect.stringContaining('<faultcode>soapenv:MustUnderstand<') });
    expect(refused.text).toContain('w:Security');
    const twelve = await headed('s:mustUnderstand="true"', 'http://www.w3.org/2003/05/soap-envelope');
    expect(twelve.text).toContain('<soapenv:Value>soapenv:MustUnderstand</soapenv:Value>');
    for (const attributes of ['', 's:mustUnderstand="0"', 's:mustUnderstand="1" s:actor="urn:example:gateway"']) {
      expect(await headed(attributes), attributes).toMatchObject({ status: 200 });
    }
  });

  test('gives master data of places, portals and products', async () => {
    const lyon = { id: 'site:lyon', kind: 'site', name: 'Lyon & Süd', parent: null, zone: 'Europe/Paris' } as const;
    const cold = { ...lyon, id: 'room:lyon/cold-1', kind: 'room', name: 'Cold 1', parent: lyon.id } as const;
    await house.tell({ type: 'place', place: lyon, by: 'test' }, { type: 'place', place: cold, by: 'test' });
    const both = param('includeAttributes', 'true') + param('includeChildren', 'true');
    const ask_ = (more: string) =>
      post(`<q:Poll><queryName>SimpleMasterDataQuery</queryName><params>${both}${more}</params></q:Poll>`);
    const type = 'urn:epcglobal:epcis:vtype:BusinessLocation';
    const all = await ask_(param('vocabularyName', `<string>${type}</string>`));
    expect(all.text).toContain(
      `<VocabularyElement id="site:lyon"><attribute id="urn:epcglobal:cbv:mda#name">Lyon &amp; Süd</attribute>`,
    );
    expect(all.text).toContain('<children><id>room:lyon/cold-1</id></children>');
    const inside = await ask_(
      param('WD_name', '<string>site:lyon</string>') + param('EQ_name', '<string>room:lyon/cold-1</string>'),
    );
    expect(inside.text.match(/<VocabularyElement /g)).toHaveLength(1);
    const bare = `${param('includeAttributes', 'false')}${param('includeChildren', 'false')}`;
    const ignored = param('attributeNames', '<string>urn:epcglobal:cbv:mda#name</string>');
    const without = await post(
      `<q:Poll><queryName>SimpleMasterDataQuery</queryName><params>${bare}${ignored}</params></q:Poll>`,
    );
    expect(without.text).toContain('<VocabularyElement id="site:lyon"></VocabularyElement>');
    const missing = await post('<q:Poll><queryName>SimpleMasterDataQuery</queryName><params/></q:Poll>');
    expect(missing.text).toContain('QueryParameterException');
    const few = await ask_(param('maxElementCount', '1'));
    expect(few.text).toContain('QueryTooLargeException');
  });

  test.each([
    [
      'a query that is not there',
      '<q:Poll><queryName>UnknownQuery</queryName><params/></q:Poll>',
      'NoSuchNameException',
    ],
    [
      'to subscribe to a query that is not there',
      `<q:Subscribe><queryName>UnknownQuery</queryName><params>${param('EQ_action', 'ADD')}</params><dest>https://a.example.com/</dest>
        <controls><trigger>stream</trigger></controls><subscriptionID>none</subscriptionID></q:Subscribe>`,
      'NoSuchNameException',
    ],
    ['an unknown parameter', poll(param('EQ_none', '<string>x</string>')), 'QueryParameterException'],
    ['more events than it wants', poll(param('maxEventCount', '1')), 'QueryTooLargeException'],
    [
      'to subscribe to master data',
      '<q:Subscribe><queryName>SimpleMasterDataQuery</queryName><params/></q:Subscribe>',
      'SubscribeNotPermittedException',
    ],
    ['a poll of no query', '<q:Poll><params/></q:Poll>', 'ValidationException'],
    ['an operation that is none', '<q:Destroy/>', 'ValidationException'],
    ['nothing', '', 'ValidationException'],
    ['a parameter twice', poll(param('EQ_action', 'ADD'), param('EQ_action', 'ADD')), 'QueryParameterException'],
  ])('%s is refused with the exception of the standard', async (_, content, exception) => {
    const { status, text } = await post(content);
    expect(status).toBe(500);
    expect(text).toContain(`<detail><epcisq:${exception}><reason>`);
  });

  test('is no door for what XML can carry', async () => {
    const bomb = '<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>';
    for (const body of ['', bomb, 'no xml', '<a/>', '<a>'.repeat(5_000)]) {
      const response = await fetch(`${house.url}/epcis/v1/query`, {
        ...{ method: 'POST', body },
        headers: { authorization: `Bearer ${await house.token('logistics')}`, 'content-type': 'text/xml' },
      });
      expect({ status: response.status, body: await response.json() }).toMatchObject({
        ...{ status: 400, body: { type: 'epcisException:ValidationException' } },
      });
    }
    const nobody = await fetch(`${house.url}/epcis/v1/query`, {
      ...{ method: 'POST', body: '<a/>', headers: { 'content-type': 'text/xml' } },
    });
    expect(nobody.status).toBe(401);
  });
});

test('words of the CBV are bare in JSON-LD, however they came, and those of others stay', async () => {
  const full = {
    ...{ bizStep: 'urn:epcglobal:cbv:bizstep:receiving', disposition: 'https://ref.gs1.org/cbv/Disp-in_progress' },
    persistentDisposition: { set: ['urn:epcglobal:cbv:disp:completeness_verified'], unset: ['recalled'] },
    bizTransactionList: [
      { type: 'urn:epcglobal:cbv:btt:po', bizTransaction: 'urn:example:po:1' },
      { bizTransaction: 'urn:a:b' },
    ],
    sourceList: [{ type: 'https://ext.example.com/mine', source: 'urn:example:me' }],
    destinationList: [{ type: 'urn:epcglobal:cbv:sdt:location', destination: 'urn:example:there' }],
  };
  expect([201, 202]).toContain((await capture(observed(95, full))).status);
  await vi.waitFor(async () => {
    const { body } = await ask('GET', `/events?MATCH_epc=${sgtin(95)}`);
    expect(body.epcisBody.queryResults.resultsBody.eventList).toMatchObject([
      {
        ...{ bizStep: 'receiving', disposition: 'in_progress' },
        persistentDisposition: { set: ['completeness_verified'], unset: ['recalled'] },
        bizTransactionList: [{ type: 'po', bizTransaction: 'urn:example:po:1' }, { bizTransaction: 'urn:a:b' }],
        sourceList: [{ type: 'https://ext.example.com/mine' }],
        destinationList: [{ type: 'location' }],
      },
    ]);
  }, SOON);
});

test('an EPC that came as a link is not promised as a URN', async () => {
  const asUrns = { 'GS1-EPC-Format': 'Always_EPC_URN' };
  const link = 'https://id.gs1.org/01/80614141999993/21/linked';
  expect([201, 202]).toContain((await capture(observed(90, { epcList: [link] }))).status);
  await vi.waitFor(async () => {
    const refused = await ask('GET', `/events?MATCH_epc=${link}`, undefined, asUrns);
    expect(refused).toMatchObject({
      status: 406,
      body: { code: 'EPCIS_FORMAT', detail: expect.stringContaining(link) },
    });
  }, SOON);
});
