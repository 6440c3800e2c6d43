import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalLink } from './canonical-link.ts';
import { eventHashId, preHash, readEpcis } from './index.ts';

const CONTEXT = 'https://ref.gs1.org/standards/epcis/epcis-context.jsonld';
const DOCUMENT = { type: 'EPCISDocument', schemaVersion: '2.0', creationDate: '2026-07-22T10:30:00Z' };

function read(event: object, prefixes: object = { example: 'https://ns.example.com/epcis/' }) {
  const document = { '@context': [CONTEXT, prefixes], ...DOCUMENT, epcisBody: { eventList: [event] } };
  return readEpcis(JSON.stringify(document));
}

function hashOf(event: object, prefixes?: object): string | undefined {
  const document = read(event, prefixes);
  return document.events.map((one) => eventHashId(one, document))[0];
}

function textOf(event: object, prefixes?: object): string | undefined {
  const document = read(event, prefixes);
  return document.events.map((one) => preHash(one, document))[0];
}

const times = { eventTime: '2020-03-04T11:00:30+01:00', eventTimeZoneOffset: '+01:00' };

/** Example 3 of the CBV's reference implementation. */
const departing = {
  ...{ type: 'ObjectEvent', ...times, epcList: ['urn:epc:id:sgtin:0614141.011111.987'], action: 'OBSERVE' },
  ...{ bizStep: 'departing', disposition: 'in_transit' },
  readPoint: { id: 'urn:epc:id:sgln:4012345.00011.0', 'example:myField1': 'AB-12' },
  bizTransactionList: [{ type: 'po', bizTransaction: 'urn:epc:id:gdti:4012345.11111.123' }],
  sourceList: [{ type: 'owning_party', source: 'urn:epc:id:pgln:4012345.00000' }],
  destinationList: [{ type: 'owning_party', destination: 'urn:epc:id:pgln:0614141.00000' }],
  'example:userExt': 'CD-34',
};
const DEPARTING_HASH = 'ni:///sha-256;3ae14c02c4bdc220cc31942cf804f6845eb8dec96ba6483391c92a9b165f9329?ver=CBV2.0';

/** Example 1: fields within fields, lists, three pallets in any order. */
const nested = {
  ...{ type: 'ObjectEvent', ...times, recordTime: '2020-03-04T11:00:30.999+01:00', action: 'OBSERVE' },
  epcList: ['0000000333', '0000000111', '0000000222'].map((serial) => `urn:epc:id:sscc:4012345.${serial}`),
  bizStep: 'urn:epcglobal:cbv:bizstep:departing',
  readPoint: { id: 'urn:epc:id:sgln:4012345.00011.987' },
  'example:myField1': { 'example:mySubField1': '2', 'example:mySubField2': '5' },
  'example:myField2': '0',
  'example:myField3': { 'example:mySubField3': ['3', '1'] },
};

const sensing = {
  ...{ type: 'ObjectEvent', eventTime: '2020-04-01T15:00:00.000+01:00', eventTimeZoneOffset: '+01:00' },
  ...{ epcList: ['urn:epc:id:sgtin:4012345.011111.9876'], action: 'OBSERVE', bizStep: 'inspecting' },
  readPoint: { id: 'urn:epc:id:sgln:4012345.00005.0' },
  sensorElementList: [
    {
      sensorMetadata: {
        deviceMetadata: 'https://id.gs1.org/8004/4000001111',
        deviceID: 'urn:epc:id:giai:4000001.111',
      },
      sensorReport: [
        { type: 'gs1:Temperature', value: 26.0, uom: 'CEL', sDev: 0.1 },
        { type: 'AbsoluteHumidity', value: 12.1, uom: 'A93' },
      ],
    },
  ],
};

describe('the event hash ID of the CBV', () => {
  test.each([
    ['business context and extensions', departing, DEPARTING_HASH],
    [
      'nested extensions',
      nested,
      'ni:///sha-256;6ae96341e0acc6d7a261364751f60e68278a81cdf51da0abb6b4e617014e39d7?ver=CBV2.0',
    ],
    [
      'persistent dispositions',
      {
        ...{ type: 'ObjectEvent', eventTime: '2021-04-01T15:00:00+01:00', eventTimeZoneOffset: '+01:00' },
        epcList: ['urn:epc:id:sgtin:4012345.011111.1', 'urn:epc:id:sgtin:4012345.011111.2'],
        ...{ action: 'OBSERVE', bizStep: 'shipping', disposition: 'in_transit' },
        readPoint: { id: 'urn:epc:id:sgln:4012345.00005.0' },
        persistentDisposition: { set: ['recalled'] },
      },
      'ni:///sha-256;f6a9d89f2cd8d7931daa3d4c3d48399c2173b88417932f8cc04d021671e7d01e?ver=CBV2.0',
    ],
    [
      'quantities and lot data',
      {
        ...{ type: 'ObjectEvent', eventTime: '2019-10-21T14:58:56+02:00', eventTimeZoneOffset: '+02:00' },
        quantityList: [{ epcClass: 'urn:epc:class:lgtin:4054739.099914.20160711', quantity: 600, uom: 'KGM' }],
        ...{ action: 'ADD', bizStep: 'commissioning', readPoint: { id: 'urn:epc:id:sgln:4054739.00001.0' } },
        ilmd: { 'cbvmda:bestBeforeDate': '2019-10-21' },
      },
      'ni:///sha-256;5f396ea5cb32fe4d0980cb79f5a5eb9640559e9f5a6cefa5c98a7d6ad554b50b?ver=CBV2.0',
    ],
    [
      'an unpacking of everything',
      {
        ...{ type: 'AggregationEvent', eventTime: '2019-10-21T11:58:56.591+02:00', eventTimeZoneOffset: '+02:00' },
        ...{ parentID: 'urn:epc:id:sscc:4012344.0111111144', childEPCs: [], action: 'DELETE', bizStep: 'unpacking' },
        readPoint: { id: 'urn:epc:id:sgln:4012345.00025.0' },
        bizTransactionList: [{ type: 'inv', bizTransaction: 'urn:epcglobal:cbv:bt:4012345123456:RE1099' }],
      },
      'ni:///sha-256;c4bdb87c8d59d6ab569d0cfc6583e9dd4c314cdf71799b0ef8d4febe5239d9c5?ver=CBV2.0',
    ],
  ])('is the published one: %s', (_, event, hash) => {
    expect(hashOf(event)).toBe(hash);
  });

  test('puts every value in its canonical form and place', () => {
    expect(textOf(departing)).toBe(
      [
        'eventType=ObjectEventeventTime=2020-03-04T10:00:30.000ZeventTimeZoneOffset=+01:00',
        'epcListepc=https://id.gs1.org/01/00614141111114/21/987action=OBSERVE',
        'bizStep=https://ref.gs1.org/cbv/BizStep-departingdisposition=https://ref.gs1.org/cbv/Disp-in_transit',
        'readPointid=https://id.gs1.org/414/4012345000115',
        'bizTransactionListtype=https://ref.gs1.org/cbv/BTT-pobizTransaction=https://id.gs1.org/253/4012345111118123',
        'sourceListtype=https://ref.gs1.org/cbv/SDT-owning_partysource=https://id.gs1.org/417/4012345000009',
        'destinationListtype=https://ref.gs1.org/cbv/SDT-owning_partydestination=https://id.gs1.org/417/0614141000005',
        'readPoint{https://ns.example.com/epcis/}myField1=AB-12{https://ns.example.com/epcis/}userExt=CD-34',
      ].join(''),
    );
    expect(textOf(sensing)).toBe(
      [
        'eventType=ObjectEventeventTime=2020-04-01T14:00:00.000ZeventTimeZoneOffset=+01:00',
        'epcListepc=https://id.gs1.org/01/04012345111118/21/9876action=OBSERVE',
        'bizStep=https://ref.gs1.org/cbv/BizStep-inspectingreadPointid=https://id.gs1.org/414/4012345000054',
        'sensorElementsensorMetadatadeviceID=https://id.gs1.org/8004/4000001111',
        'deviceMetadata=https://id.gs1.org/8004/4000001111',
        'sensorReporttype=https://ref.gs1.org/voc/AbsoluteHumidityvalue=12.1uom=A93',
        'sensorReporttype=https://ref.gs1.org/voc/Temperaturevalue=26sDev=0.1uom=CEL',
      ].join(''),
    );
  });

  test('rounds times half up to the millisecond, over the second too', () => {
    const at = (eventTime: string) => textOf({ ...departing, eventTime })?.match(/eventTime=([^Z]+Z)/)?.[1];
    expect(at('2023-02-02T12:04:03.1415+01:00')).toBe('2023-02-02T11:04:03.142Z');
    expect(at('2023-02-02T12:04:03.14149+01:00')).toBe('2023-02-02T11:04:03.141Z');
    expect(at('2023-02-02T12:04:59.9999+01:00')).toBe('2023-02-02T11:05:00.000Z');
  });

  test.each([
    ['1.0', '1'],
    ['0.34340', '0.3434'],
    ['+007', '7'],
    ['-0.50', '-0.5'],
    ['-0', '0'],
    ['1.5e3', '1500'],
    ['15e-1', '1.5'],
    ['2e-3', '0.002'],
    ['12345678901234567890', '12345678901234567890'],
    ['1.2.3', '1.2.3'],
    ['2023-10-09', '2023-10-09'],
  ])('writes the number %s as %s', (given, written) => {
    expect(textOf({ ...departing, 'example:userExt': given })).toContain(`userExt=${written}`);
  });

  test('is the same in XML, under other prefixes and with URNs of the CBV', () => {
    const xml = `<e:EPCISDocument xmlns:e="urn:epcglobal:epcis:xsd:1" xmlns:x="https://ns.example.com/epcis/"
      schemaVersion="1.2" creationDate="2026-07-22T10:30:00Z"><EPCISBody><EventList><ObjectEvent>
      <eventTime>2020-03-04T10:00:30.000Z</eventTime><eventTimeZoneOffset>+01:00</eventTimeZoneOffset>
      <baseExtension><eventID>urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8</eventID></baseExtension>
      <epcList><epc> https://example.com/some/01/614141111114/10/L1/21/987?17=270630 </epc></epcList>
      <action>OBSERVE</action><bizStep>urn:epcglobal:cbv:bizstep:departing</bizStep>
      <disposition>urn:epcglobal:cbv:disp:in_transit</disposition>
      <readPoint><id>urn:epc:id:sgln:4012345.00011.0</id><x:myField1>AB-12</x:myField1></readPoint>
      <bizTransactionList><bizTransaction type="urn:epcglobal:cbv:btt:po">urn:epc:id:gdti:4012345.11111.123</bizTransaction>
      </bizTransactionList><extension>
      <sourceList><source type="urn:epcglobal:cbv:sdt:owning_party">urn:epc:id:pgln:4012345.00000</source></sourceList>
      <destinationList><destination type="urn:epcglobal:cbv:sdt:owning_party">urn:epc:id:pgln:0614141.00000</destination>
      </destinationList></extension><x:userExt>CD-34</x:userExt>
      </ObjectEvent></EventList></EPCISBody></e:EPCISDocument>`;
    const document = readEpcis(xml);
    expect(document.events.map((event) => eventHashId(event, document))).toEqual([DEPARTING_HASH]);
  });

  test('does not depend on the order of fields and lists, nor on eventID, recordTime or a declaration of error', () => {
    const shuffled = (value: unknown, dice: () => number): unknown => {
      const dealt = <T>(list: readonly T[]) =>
        list
          .map((one) => ({ one, at: dice() }))
          .sort((a, b) => a.at - b.at)
          .map(({ one }) => one);
      if (Array.isArray(value)) return dealt(value).map((one) => shuffled(one, dice));
      if (value === null || typeof value !== 'object') return value;
      return Object.fromEntries(dealt(Object.entries(value)).map(([key, inner]) => [key, shuffled(inner, dice)]));
    };
    fc.assert(
      fc.property(fc.constantFrom(departing, nested, sensing), fc.infiniteStream(fc.nat()), (event, dice) => {
        const other = {
          ...(shuffled(event, () => Number(dice.next().value)) as object),
          ...{ eventID: 'urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8', recordTime: '2026-01-01T00:00:00Z' },
          errorDeclaration: { declarationTime: '2026-01-01T00:00:00Z' },
        };
        expect(hashOf(other)).toBe(hashOf(event));
      }),
      { numRuns: 50 },
    );
  });

  test('changes with every value', () => {
    const changes = [
      { eventTime: '2020-03-04T11:00:30.001+01:00' },
      { epcList: ['urn:epc:id:sgtin:0614141.011111.988'] },
      { action: 'ADD' },
      { bizStep: 'shipping' },
      { readPoint: { id: 'urn:epc:id:sgln:4012345.00011.0', 'example:myField1': 'AB-13' } },
      { 'example:userExt': 'CD-35' },
      { 'example:other': 'CD-34' },
    ];
    const hashes = [departing, ...changes.map((change) => ({ ...departing, ...change }))].map((event) => hashOf(event));
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(hashOf(departing, { example: 'https://ns.example.org/' })).not.toBe(hashOf(departing));
  });
});

describe('the canonical Digital Link', () => {
  test.each([
    ['urn:epc:id:sgtin:415056789012.0.987654', '/01/04150567890128/21/987654'],
    ['urn:epc:id:sgtin:0614141.812345.6789%2F%26%25%22!%3F()', '/01/80614141123458/21/6789%2F%26%25%22%21%3F%28%29'],
    ['urn:epc:id:sgtin:0614141.812345.a.b', '/01/80614141123458/21/a.b'],
    ['urn:epc:id:sscc:4012345.3111111111', '/00/340123451111111111'],
    ['urn:epc:id:sgln:4012345.00005.0', '/414/4012345000054'],
    ['urn:epc:id:sgln:4012345.00005.122', '/414/4012345000054/254/122'],
    ['urn:epc:id:pgln:999999999999.', '/417/9999999999994'],
    ['urn:epc:id:grai:4012345.00022.334455', '/8003/04012345000221334455'],
    ['urn:epc:id:giai:4012345.ABC345', '/8004/4012345ABC345'],
    ['urn:epc:id:gsrn:4012345.0000006765', '/8018/401234500000067657'],
    ['urn:epc:id:gsrnp:4012345.0000000007', '/8017/401234500000000074'],
    ['urn:epc:id:gdti:987659999999..9', '/253/98765999999929'],
    ['urn:epc:id:cpi:0614141.11111111111111-A%23%2F.1234', '/8010/061414111111111111111-A%23%2F/8011/1234'],
    ['urn:epc:id:ginc:0614141.xyz47%2F11', '/401/0614141xyz47%2F11'],
    ['urn:epc:id:gsin:4012345.222333444', '/402/40123452223334442'],
    ['urn:epc:id:itip:4012345.011111.01.02.987', '/8006/040123451111180102/21/987'],
    ["urn:epc:id:upui:1234567.098765.51qIgY)%3C%26Jp3*j7'SDB", "/01/01234567987651/235/51qIgY%29%3C%26Jp3%2Aj7'SDB"],
    ['urn:epc:class:lgtin:4012345.012345.Lot987', '/01/04012345123456/10/Lot987'],
    ['urn:epc:idpat:sgtin:4012345.066666.*', '/01/04012345666663'],
    ['urn:epc:idpat:grai:4012345.66666.*', '/8003/04012345666663'],
    ['https://id.gs1.org/gtin/09780345418913', '/01/09780345418913'],
    ['https://example.com/gtin/09780345418913/21/765tz?abc=211121', '/01/09780345418913/21/765tz'],
    ['https://example.com/a/01/96385074/22/2A/10/L1', '/01/00000096385074/10/L1'],
    ['https://id.gs1.de/8004/4012345ABC345', '/8004/4012345ABC345'],
  ])('of %s', (uri, path) => {
    expect(canonicalLink(uri)).toBe(`https://id.gs1.org${path}`);
  });

  test.each([
    'https://example.com/po/12345678',
    'urn:epcglobal:cbv:bt:4012345000009:ASN1099',
    'urn:epc:id:sgtin:0614141.81234.6789',
    'urn:epc:id:gid:1.2.3',
    'geo:50.9,6.9',
  ])('is not to be had of %s', (uri) => {
    expect(canonicalLink(uri)).toBeNull();
  });
});

describe('prefixes that are declared further inside', () => {
  const ns = 'https://ns.example.com/epcis/';
  const inside = (context: object) => ({ ...departing, '@context': context });

  test.each([
    ['the event', inside({ example: ns })],
    ['a list in the event', inside([CONTEXT, { example: { '@id': ns } }])],
  ])('in %s mean what they mean in the document', (_, event) => {
    expect(hashOf(event, {})).toBe(DEPARTING_HASH);
  });

  test('in a place or an extension hold there and within', () => {
    const outside = {
      ...departing,
      'example:deep': { 'example:colour': 'ext:red', 'example:in': { 'example:a': '1' } },
    };
    const scoped = {
      ...departing,
      readPoint: { '@context': { own: ns }, id: 'urn:epc:id:sgln:4012345.00011.0', 'own:myField1': 'AB-12' },
      'example:deep': { '@context': { own: ns }, 'own:colour': 'ext:red', 'own:in': { 'own:a': '1' } },
    };
    expect(textOf(scoped)).toBe(textOf(outside));
    expect(textOf(scoped)).toContain(`{${ns}}colour=ext:red`);
  });

  test('overrule those around them, and values under them too', () => {
    const event = {
      ...departing,
      '@context': { example: 'https://other.example.com/' },
      'example:userExt': 'example:x',
    };
    expect(textOf(event)).toContain('{https://other.example.com/}userExt=https://other.example.com/x');
  });
});
