import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../domain/index.ts';
import { sharedTestdata, WITHOUT_SAMPLES } from '../../tests/parts.ts';
import { documentText, type EpcisRefusal, readEpcis, readEpcisXml } from './index.ts';
import { parseXml } from './xml.ts';

const SAMPLES = sharedTestdata('epcis/valid/');

function document(events: string, head = 'schemaVersion="1.2" creationDate="2026-07-22T10:30:00Z"'): string {
  return `<?xml version="1.0"?>
<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:1" xmlns:ext="https://ext.example.com/" ${head}>
<EPCISBody><EventList>${events}</EventList></EPCISBody></epcis:EPCISDocument>`;
}

const TIMES = '<eventTime>2026-07-22T06:45:00+02:00</eventTime><eventTimeZoneOffset>+02:00</eventTimeZoneOffset>';

function refusals(text: string): readonly EpcisRefusal[] {
  try {
    readEpcisXml(text);
  } catch (error) {
    if (error instanceof InputError && error.code === 'EPCIS_INVALID') return error.details.refusals as EpcisRefusal[];
    throw error;
  }
  return [];
}

test('the published samples of EPCIS 1.2 and 2.0 are read', (context) => {
  if (SAMPLES === null) return context.skip(WITHOUT_SAMPLES);
  const files = readdirSync(SAMPLES).filter((name) => name.endsWith('.xml'));
  expect(files.length).toBeGreaterThan(4);
  for (const file of files) {
    const text = readFileSync(new URL(file, SAMPLES), 'utf8');
    expect(refusals(text), file).toEqual([]);
    const { events } = readEpcis(text);
    expect(events.length, file).toBe(
      [...text.matchAll(/<(Object|Aggregation|Transaction|Transformation)Event[ >]/g)].length,
    );
    expect(JSON.stringify(events).match(/urn:epc:id:sgtin:[^"]+/g)?.length, file).toBe(
      text.replace(/^.*<EPCISBody>/s, '').match(/urn:epc:id:sgtin:[^<]+/g)?.length,
    );
  }
});

test('a QuantityEvent is the ObjectEvent that EPCIS 1.1 puts in its place, and the document around it is read', () => {
  const quantity = `<QuantityEvent>${TIMES}<epcClass>urn:epc:class:lgtin:4012345.012345.9</epcClass><quantity>200</quantity>
    <bizStep>urn:epcglobal:cbv:bizstep:receiving</bizStep><readPoint><id>urn:epc:id:sgln:0614141.07346.1234</id></readPoint>
    <ext:tag>a</ext:tag></QuantityEvent>`;
  const object = `<ObjectEvent>${TIMES}<epcList><epc>urn:epc:id:sgtin:0614141.107346.2017</epc></epcList><action>OBSERVE</action>
    </ObjectEvent>`;
  const { events } = readEpcisXml(document(quantity + object));
  expect(events).toMatchObject([
    {
      ...{ type: 'ObjectEvent', action: 'OBSERVE', bizStep: 'receiving', 'ext:tag': 'a' },
      quantityList: [{ epcClass: 'urn:epc:class:lgtin:4012345.012345.9', quantity: 200 }],
    },
    { type: 'ObjectEvent', epcList: ['urn:epc:id:sgtin:0614141.107346.2017'] },
  ]);
  expect(events[0]).not.toHaveProperty('epcClass');
  expect(refusals(document(quantity.replace('<quantity>200</quantity>', '<quantity>some</quantity>')))).toMatchObject([
    { path: 'eventList[0] (line 3).quantityList[0].quantity', given: '"some"' },
  ]);
});

describe('the bytes of a document', () => {
  const text = document(
    `<ObjectEvent>${TIMES}<epcList><epc>urn:epc:id:sgtin:0614141.107346.2017</epc></epcList><action>OBSERVE</action>
     <ext:note>Größe 5 €</ext:note></ObjectEvent>`,
  );
  const declared = (encoding: string) => text.replace('version="1.0"', `version="1.0" encoding="${encoding}"`);
  const bigEndian = (given: string) => Buffer.from(given, 'utf16le').swap16();
  const latin = declared('ISO-8859-15').replace('€', '\u00a4');

  test.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a byte order mark', Buffer.from(`\uFEFF${text}`)],
    ['UTF-16, little end first', Buffer.from(`\uFEFF${declared('UTF-16')}`, 'utf16le')],
    ['UTF-16, big end first', bigEndian(`\uFEFF${declared('UTF-16')}`)],
    ['UTF-16LE without a mark', Buffer.from(declared('UTF-16LE'), 'utf16le')],
    ['UTF-16BE without a mark', bigEndian(declared('UTF-16BE'))],
    ['a Latin alphabet that is declared', Buffer.from(latin, 'latin1')],
    ['UTF-8 that says it was UTF-16 before it was sent', Buffer.from(declared('utf-16'))],
  ])('%s are read', (_, bytes) => {
    expect(readEpcis(documentText(bytes)).events).toMatchObject([{ 'ext:note': 'Größe 5 €' }]);
  });

  test.each([
    ['neither UTF-8 nor what is declared', Buffer.from(text, 'latin1'), 'not UTF-8'],
    ['an encoding that nobody knows', Buffer.from(declared('x-own'), 'latin1'), 'x-own'],
    ['UTF-16 cut within a character', Buffer.from(`\uFEFF${text}`, 'utf16le').subarray(0, -1), 'not UTF-16'],
  ])('%s are refused', (_, bytes, message) => {
    expect(() => documentText(bytes)).toThrow(message);
  });
});

test('a version without its point is one: GS1 declares it as a decimal', () => {
  const event = `<ObjectEvent>${TIMES}<epcList><epc>urn:epc:id:sgtin:0614141.107346.1</epc></epcList><action>OBSERVE</action></ObjectEvent>`;
  expect(readEpcisXml(document(event, 'schemaVersion="1" creationDate="2026-07-22T10:30:00Z"')).events).toHaveLength(1);
  for (const version of ['1.3', '1.', '11', '3', '']) {
    const head = `schemaVersion="${version}" creationDate="2026-07-22T10:30:00Z"`;
    expect(refusals(document(event, head)), version).toMatchObject([{ path: 'schemaVersion' }]);
  }
});

describe('an event of EPCIS 1.2', () => {
  test('comes out as JSON-LD has it: no wrappers, bare words, numbers, extensions under their prefix', () => {
    const { events, schemaVersion, namespaces } = readEpcisXml(
      document(`<ObjectEvent>${TIMES}
        <baseExtension><eventID>urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8</eventID></baseExtension>
        <epcList><epc>urn:epc:id:sgtin:0614141.107346.2017</epc></epcList>
        <action>ADD</action><bizStep>urn:epcglobal:cbv:bizstep:commissioning</bizStep>
        <readPoint><id>urn:epc:id:sgln:0614141.07346.1234</id></readPoint>
        <bizTransactionList><bizTransaction type="urn:epcglobal:cbv:btt:po">urn:x:po:1</bizTransaction></bizTransactionList>
        <extension>
          <quantityList><quantityElement><epcClass>urn:epc:class:lgtin:4012345.012345.9</epcClass><quantity>2.50</quantity>
            <uom>KGM</uom></quantityElement></quantityList>
          <ilmd><ext:lot>A &amp; 1</ext:lot><ext:note xmlns:own="https://own.example.com/" own:lang="de">gut</ext:note></ilmd>
        </extension>
        <ext:tag>a</ext:tag><ext:tag><![CDATA[<b>]]></ext:tag>
      </ObjectEvent>`),
    );
    expect(schemaVersion).toBe('1.2');
    expect([...namespaces]).toEqual([
      ['epcis', 'urn:epcglobal:epcis:xsd:1'],
      ['ext', 'https://ext.example.com/'],
      ['own', 'https://own.example.com/'],
    ]);
    expect(events).toEqual([
      {
        type: 'ObjectEvent',
        eventTime: '2026-07-22T06:45:00+02:00',
        eventTimeZoneOffset: '+02:00',
        eventID: 'urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8',
        epcList: ['urn:epc:id:sgtin:0614141.107346.2017'],
        action: 'ADD',
        bizStep: 'commissioning',
        readPoint: { id: 'urn:epc:id:sgln:0614141.07346.1234' },
        bizTransactionList: [{ type: 'po', bizTransaction: 'urn:x:po:1' }],
        quantityList: [{ epcClass: 'urn:epc:class:lgtin:4012345.012345.9', quantity: 2.5, uom: 'KGM' }],
        ilmd: { 'ext:lot': 'A & 1', 'ext:note': { '@own:lang': 'de', '@value': 'gut' } },
        'ext:tag': ['a', '<b>'],
      },
    ]);
  });

  test('that is wrong is refused by field and line', () => {
    const wrong = `\n<ObjectEvent>${TIMES}<epcList><epc>2017</epc></epcList><action>CREATE</action></ObjectEvent>`;
    expect(refusals(document(wrong))).toEqual([
      { path: 'eventList[0] (line 4).action', given: '"CREATE"', allowed: 'ADD, OBSERVE or DELETE' },
      { path: 'eventList[0] (line 4).epcList[0]', given: '"2017"', allowed: 'an EPC or other identifier, as URI' },
    ]);
    expect(refusals(document('<SomeEvent/>'))).toMatchObject([{ path: 'eventList[0] (line 3).type' }]);
    expect(refusals(document('', 'schemaVersion="3"'))).toMatchObject([
      { path: 'schemaVersion' },
      { path: 'creationDate' },
    ]);
    expect(refusals('<EPCISDocument/>')).toMatchObject([{ path: 'the document', given: '"EPCISDocument"' }]);
  });

  test('of sensors, of EPCIS 2.0, has its reports', () => {
    const sensors = `<sensorElementList><sensorElement><sensorMetadata time="2026-07-22T06:45:00Z"/>
      <sensorReport type="gs1:Temperature" value="9.1" uom="CEL"/><sensorReport exception="ALARM_CONDITION"/>
      </sensorElement></sensorElementList>`;
    const event = `<ObjectEvent>${TIMES}<action>OBSERVE</action>${sensors}</ObjectEvent>`;
    expect(readEpcisXml(document(event)).events).toMatchObject([
      {
        sensorElementList: [
          {
            sensorMetadata: { time: '2026-07-22T06:45:00Z' },
            sensorReport: [{ type: 'Temperature', value: 9.1, uom: 'CEL' }, { exception: 'ALARM_CONDITION' }],
          },
        ],
      },
    ]);
  });
});

test('fields of EPCIS 2.0 stand in their order in XML, those of 1.2 as they come', () => {
  const jumbled = `<ObjectEvent><action>OBSERVE</action>${TIMES}<epcList><epc>urn:epc:id:sgtin:0614141.107346.2017</epc>
    </epcList></ObjectEvent>`;
  const second = document(jumbled, 'schemaVersion="2.0" creationDate="2026-07-22T10:30:00Z"');
  expect(refusals(second.replace('xsd:1', 'xsd:2'))).toEqual([
    { path: 'eventList[0] (line 3).eventTime', given: 'after action', allowed: 'before it' },
  ]);
  expect(refusals(document(jumbled))).toEqual([]);
});

test('elements that carry the namespace of the standard are those of the standard', () => {
  const event = `<epcis:ObjectEvent><epcis:eventTime>2026-07-22T06:45:00Z</epcis:eventTime>
    <epcis:eventTimeZoneOffset>+00:00</epcis:eventTimeZoneOffset><epcis:epcList>
    <epcis:epc>urn:epc:id:sgtin:0614141.107346.2017</epcis:epc></epcis:epcList><epcis:action>OBSERVE</epcis:action>
    </epcis:ObjectEvent>`;
  expect(readEpcisXml(document(event)).events).toEqual([
    {
      ...{ type: 'ObjectEvent', eventTime: '2026-07-22T06:45:00Z', eventTimeZoneOffset: '+00:00', action: 'OBSERVE' },
      epcList: ['urn:epc:id:sgtin:0614141.107346.2017'],
    },
  ]);
});

test('a document type that is a name alone says nothing, and is read past', () => {
  expect(parseXml('<?xml version="1.0"?>\n<!DOCTYPE project>\n<a>b</a>')).toMatchObject({ local: 'a', text: 'b' });
});

describe('XML that is no document is refused with its line', () => {
  test.each([
    ['<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 'line 1: a document type'],
    ['<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', 'line 1: a document type'],
    ['<!DOCTYPE a PUBLIC "x" "http://example.com/x"><a/>', 'line 1: a document type'],
    ['<!DOCTYPE a []><a/>', 'line 1: a document type'],
    ['<a>\n&b;</a>', 'line 2: undefined entity'],
    ['<a>& </a>', 'line 1: unclosed tag: a'],
    ['<a>&#0;</a>', 'malformed character entity'],
    ['<a><b></a>', 'unexpected close tag'],
    ['<a>\n\n<b>', 'line 3: unclosed tag: b; open: <b> of line 3'],
    ['<a x="1" x="2"/>', 'duplicate attribute: x'],
    ['<a x=1/>', 'unquoted attribute value'],
    ['<p:a/>', 'unbound namespace prefix: "p"'],
    ['<a/><b/>', 'documents may contain only one root'],
    ['<a/>text', 'text data outside of root node'],
    ['', 'must contain a root element'],
    ['<a><!-- <b></a>', 'unclosed tag: a'],
    ['<a>'.repeat(101), 'deeper than 100'],
    ['<a>]]></a>', ']]>'],
    ['<a>\u0001</a>', 'disallowed character'],
  ])('%s', (text, message) => {
    expect(() => parseXml(text)).toThrow(message);
  });
});

describe('master data', () => {
  const masterData = (vocabulary: string) => `<m:EPCISMasterDataDocument xmlns:m="urn:epcglobal:epcis-masterdata:xsd:1"
    schemaVersion="1.2" creationDate="2026-07-22T10:30:00Z"><EPCISBody><VocabularyList>${vocabulary}</VocabularyList>
    </EPCISBody></m:EPCISMasterDataDocument>`;
  const site = (id: string) => `<Vocabulary type="urn:epcglobal:epcis:vtype:BusinessLocation"><VocabularyElementList>
    <VocabularyElement id="${id}"><attribute id="urn:epcglobal:cbv:mda#name">Lyon</attribute></VocabularyElement>
    </VocabularyElementList></Vocabulary>`;

  test('is a document without events', () => {
    expect(readEpcis(masterData(site('urn:epc:id:sgln:0614141.00777.0')))).toMatchObject({
      kind: 'master data document',
      events: [],
    });
  });

  test('names each of its elements by a URI', () => {
    expect(() => readEpcis(masterData(site('Lyon')))).toThrow('VocabularyElement (line 3).id: "Lyon" given');
  });
});

test('namespaces without end are refused', () => {
  const declared = Array.from({ length: 101 }, (_, at) => `xmlns:n${at}="urn:n:${at}"`).join(' ');
  expect(() => parseXml(`<a ${declared}/>`)).toThrow('more than 100 namespaces in <a>');
});

test('elements without end are refused', () => {
  expect(() => parseXml(`<a>${'<b/>'.repeat(500_000)}</a>`)).toThrow('more than 500000 elements');
});
