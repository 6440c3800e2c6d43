import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { sharedTestdata, WITHOUT_SAMPLES } from '../../tests/parts.ts';
import { type EpcisEvent, type EventNames, preHash, readEpcis, readEpcisXml } from './index.ts';
import { queryDocumentXml, type XmlWriting } from './xml-writing.ts';

const SAMPLES = sharedTestdata('epcis/');
const HEAD = { creationDate: '2026-07-22T10:30:00Z', queryName: 'SimpleEventQuery', subscriptionID: null };
const TIME = { eventTime: '2026-07-22T06:45:00.000+02:00', eventTimeZoneOffset: '+02:00' };
const SGTIN = 'urn:epc:id:sgtin:0614141.999999.1';

function written(events: readonly object[], context: unknown = {}, words: XmlWriting['words'] = 'as given') {
  return queryDocumentXml({ ...HEAD, context, events: events as Record<string, unknown>[] }, { words });
}

/** Read again as a capture of the strictest kind: the order of fields is checked there. */
function readAgain(xml: string) {
  const asDocument = xml
    .replace(/<epcisq:QueryResults>.*?<resultsBody>/, '')
    .replace('</resultsBody></epcisq:QueryResults>', '')
    .replaceAll('epcisq:EPCISQueryDocument', 'epcisq:EPCISDocument')
    .replace('urn:epcglobal:epcis-query:xsd:2', 'urn:epcglobal:epcis:xsd:2');
  expect(readEpcisXml(xml).events).toEqual(readEpcisXml(asDocument).events);
  return readEpcisXml(asDocument);
}

describe('events in XML', () => {
  test('say what the published samples say: the same pre-hash, each field in its place', (context) => {
    if (SAMPLES === null) return context.skip(WITHOUT_SAMPLES);
    const folder = new URL('valid/', SAMPLES);
    for (const file of readdirSync(folder)) {
      const { events, namespaces, curies } = readEpcis(readFileSync(new URL(file, folder), 'utf8'));
      const again = readAgain(written(events, Object.fromEntries(namespaces)));
      const names = { namespaces: again.namespaces, curies: again.curies };
      // XML has GS1's prefix for lot data without the sign before the name.
      const said = (all: readonly EpcisEvent[], of: EventNames) =>
        all.map((event) => preHash(event, of).replaceAll('cbv:mda:}', 'cbv:mda}'));
      expect(said(again.events, names), file).toEqual(said(events, { namespaces, curies }));
    }
  });

  test('have words of the CBV in the form that is asked for, and those of others as they came', () => {
    const own = 'https://ext.example.com/steps/weighing';
    const urn = 'urn:epcglobal:cbv:disp:recalled';
    const event = { type: 'ObjectEvent', ...TIME, epcList: [SGTIN], action: 'OBSERVE', bizStep: 'shipping' };
    const given = written([
      { ...event, disposition: urn },
      { ...event, bizStep: own },
    ]);
    expect(given).toContain('<bizStep>urn:epcglobal:cbv:bizstep:shipping</bizStep>');
    expect(given).toContain(`<bizStep>${own}</bizStep>`);
    const web = written([{ ...event, disposition: urn }], {}, 'web URI');
    expect(web).toContain('<bizStep>https://ref.gs1.org/cbv/BizStep-shipping</bizStep>');
    expect(web).toContain('<disposition>https://ref.gs1.org/cbv/Disp-recalled</disposition>');
  });

  test('name the seconds of a declaration that came without, and what a prefix shortens, in full', () => {
    const errorDeclaration = { declarationTime: '2026-07-23T10:00Z', reason: 'did_not_occur' };
    const report = { type: 'ext:Ripeness', value: 3, component: 'x', 'ext:of': 'ext:fruit' };
    const sensorElementList = [{ sensorReport: [report] }];
    const event = { type: 'ObjectEvent', ...TIME, action: 'OBSERVE', sensorElementList, errorDeclaration };
    const xml = written([event], { ext: 'https://ext.example.com/' });
    expect(xml).toContain('<declarationTime>2026-07-23T10:00:00Z</declarationTime>');
    expect(xml).toContain(
      '<sensorReport type="https://ext.example.com/Ripeness" value="3" component="cbv:Comp-x" ext:of="https://ext.example.com/fruit"/>',
    );
    readAgain(xml);
  });

  test('keep what is no XML by itself: signs, names, prefixes, lists and attributes of extensions', () => {
    const event = {
      ...{ type: 'ObjectEvent', ...TIME, epcList: [SGTIN], action: 'ADD', eventID: 'urn:uuid:1?a=1&b=2' },
      ilmd: { 'cbvmda:lotNumber': '<A&"17">', 'ext:list': ['a', 'b'], 'ext:deep': { '@ext:unit': 'x', '@value': '5' } },
      'https://other.example.com/ns/colour': ']]>\nred\t',
      'ext:with space': 'y',
      'own:x': { '@context': { own: 'https://own.example.com/' }, 'own:y': '1', plain: '2' },
      '@context': { own: 'https://own.example.com/' },
    };
    const xml = written([event], [{ ext: 'https://ext.example.com/', xmlns: 'urn:bad', 'a b': 'urn:bad' }]);
    const [again] = readAgain(xml).events;
    expect(again).toMatchObject({
      eventID: 'urn:uuid:1?a=1&b=2',
      ilmd: { 'cbvmda:lotNumber': '<A&"17">', 'ext:list': ['a', 'b'], 'ext:deep': { '@ext:unit': 'x', '@value': '5' } },
      'ns:colour': ']]>\nred',
      'ext:with_x0020_space': 'y',
      'own:x': { 'own:y': '1', plain: '2' },
    });
    expect(xml).toContain('xmlns:ns="https://other.example.com/ns/"');
  });
});
