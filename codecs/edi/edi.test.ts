import { describe, expect, test } from 'vitest';
import {
  acknowledgeEdifact,
  acknowledgeX12,
  ediText,
  formOf,
  messagesIn,
  readEdifact,
  readFile,
  readFixedIdocs,
  readX12,
  tableRows,
  xmlTree,
} from './index.ts';

const ISA = 'ISA*00*          *00*          *ZZ*ACME           *08*ISOTHERM       *261129*1200*U*00401*000000905*0*P*>';
const NOTICE = [
  ISA,
  'GS*SH*ACME*ISOTHERM*20261129*1200*7*X*004010',
  'ST*856*0001',
  'BSN*00*80001*20261129*1200',
  'HL*1**S',
  'N1*ST*Depot*UL*9501101530003',
  'HL*2*1*T',
  'MAN*GM*00095011015300014327',
  'HL*3*2*I',
  'LIN**UK*09501101530003*LT*L1',
  'SN1**10*CA',
  'CTT*3',
  'SE*11*0001',
  'GE*1*7',
  'IEA*1*000000905',
];
const x12 = (lines: readonly string[] = NOTICE, end = '~\n') => lines.map((line) => `${line}${end}`).join('');
const with856 = (from: string, to: string) => x12(NOTICE.map((line) => (line.startsWith(from) ? to : line)));

describe('X12', () => {
  test('a despatch advice, its levels in one another', () => {
    const [message] = messagesIn(readX12(x12()));
    expect(message).toMatchObject({
      ...{ standard: 'x12', type: '856', version: '004010', control: '0001', interchange: '000000905' },
      sender: { qualifier: 'ZZ', id: 'ACME' },
      BSN: [{ BSN01: '00', BSN02: '80001', line: 4 }],
      HL: [
        {
          level: 'S',
          N1: [{ N104: '9501101530003' }],
          HL: [
            {
              level: 'T',
              MAN: [{ MAN02: '00095011015300014327' }],
              HL: [{ level: 'I', SN1: [{ SN102: '10', SN103: 'CA' }] }],
            },
          ],
        },
      ],
      CTT: [{ CTT01: '3' }],
    });
  });

  test.each([
    ['newlines', '\n'],
    ['CR LF', '\r\n'],
    ['a tilde alone', '~'],
    ['a tilde and CR LF', '~\r\n'],
    ['a file separator', '\u001c'],
  ])('segments ended by %s', (_name, end) => {
    expect(messagesIn(readX12(x12(NOTICE, end)))[0]?.BSN).toMatchObject([{ BSN02: '80001' }]);
  });

  test('wrapped at 80 columns, ISA too', () => {
    const wrapped = x12(NOTICE, '~').replace(/.{80}/g, '$&\r\n');
    expect(messagesIn(readX12(wrapped))[0]?.CTT).toMatchObject([{ CTT01: '3' }]);
  });

  test('other signs, drawn from ISA', () => {
    const other = x12().replaceAll('*', '|').replaceAll('~\n', '!');
    expect(messagesIn(readX12(other))[0]?.BSN).toMatchObject([{ BSN02: '80001' }]);
  });

  test('ISA within the data is none', () => {
    expect(messagesIn(readX12(with856('N1*', 'N1*ST*ISAAC*UL*ISA')))[0]?.HL).toMatchObject([
      { N1: [{ N102: 'ISAAC' }] },
    ]);
  });

  test('ISA11 parts repetitions from 00402 on, and not before', () => {
    const repeats = ISA.replace('*U*00401', '*^*00501');
    const lines = [repeats, ...NOTICE.slice(1)].map((line) => line.replace('BSN*00*80001', 'BSN*00*80U01^2'));
    expect(messagesIn(readX12(x12(lines)))[0]?.BSN).toMatchObject([{ BSN02: ['80U01', '2'] }]);
    expect(messagesIn(readX12(with856('BSN', 'BSN*00*80U01')))[0]?.BSN).toMatchObject([{ BSN02: '80U01' }]);
  });

  test('two interchanges in a file', () => {
    expect(messagesIn(readX12(x12() + x12().replaceAll('000000905', '000000906')))).toHaveLength(2);
  });

  test.each([
    ['a wrong count of segments', with856('SE', 'SE*12*0001'), 'line 13, segment 13 (SE): "12" given; allowed: 11'],
    ['a count that is no number', with856('SE', 'SE*1e1*0001'), 'allowed: 11'],
    ['another control number at its end', with856('SE', 'SE*11*0002'), 'as in ST02'],
    ['a wrong count of sets', with856('GE', 'GE*2*7'), 'allowed: 1'],
    ['another group at its end', with856('GE', 'GE*1*8'), 'as in GS06'],
    ['another interchange at its end', with856('IEA', 'IEA*1*000000906'), 'as in ISA13'],
    ['no SE', x12(NOTICE.filter((line) => !line.startsWith('SE'))), 'SE before it'],
    ['no IEA', x12(NOTICE.slice(0, -1)), 'it seems cut off'],
    ['cut off within a segment', x12().slice(0, 300), 'it seems cut off'],
    ['ISA that is not filled up', x12().replace('ACME           ', 'ACME '), 'ISA06 of 15 characters'],
    ['a blank before the end of ISA', x12().replace('>~', '> ~'), 'given as separators'],
    ['one sign for two things', x12().replace('*P*>', '*P**'), 'given as separators'],
    ['nothing', '  \n', 'nothing given'],
    ['a level in one that is not there', with856('HL*3', 'HL*3*9*I'), 'a HL01 before it'],
    ['a level twice', with856('HL*3', 'HL*2*1*I'), 'each HL01 once'],
    ['a set twice', x12([...NOTICE.slice(0, 13), ...NOTICE.slice(2, 13), 'GE*2*7', 'IEA*1*000000905']), 'ST02 once'],
  ])('%s is refused, with where', (_name, text, message) => {
    expect(() => messagesIn(readX12(text))).toThrow(message);
  });

  test('is acknowledged by a 997 that reads, and says what was refused', () => {
    const [interchange] = readX12(x12());
    if (interchange === undefined) throw new Error('none');
    const at = Date.UTC(2026, 10, 29, 12);
    const taken = messagesIn(readX12(acknowledgeX12(interchange, { control: 3, at, isRefused: false })));
    expect(taken).toMatchObject([
      {
        ...{ type: '997', sender: { id: 'ISOTHERM' }, receiver: { id: 'ACME' }, interchange: '000000003' },
        AK1: [{ AK101: 'SH', AK102: '7' }],
        AK2: [{ AK201: '856', AK202: '0001' }],
        AK5: [{ AK501: 'A' }],
        AK9: [{ AK901: 'A', AK902: '1', AK904: '1' }],
      },
    ]);
    const refused = messagesIn(readX12(acknowledgeX12(interchange, { control: 4, at, isRefused: true })));
    expect(refused).toMatchObject([{ AK5: [{ AK501: 'R', AK502: '5' }], AK9: [{ AK901: 'R', AK904: '0' }] }]);
  });
});

const DESADV = [
  "UNB+UNOC:3+4012345000009:14+9501101530003:14+261129:1200+R905'",
  "UNH+1+DESADV:D:96A:UN:EAN005'",
  "BGM+351+80001+9'",
  "DTM+137:20261129:102'",
  "NAD+DP+9501101530003::9'",
  "CPS+1'",
  "PAC+1++201'",
  "PCI+33E'",
  "GIN+BJ+095011015300014327'",
  "LIN+1++09501101530003:SRV'",
  "QTY+12:10:PCE'",
  "LIN+2++09501101530010:SRV'",
  "QTY+12:5:PCE'",
  "CPS+2+1'",
  "CNT+2:2'",
  "UNT+15+1'",
  "UNZ+1+R905'",
];
const edifact = (lines: readonly string[] = DESADV) => lines.join('\n');
const withDesadv = (from: string, to: string) => edifact(DESADV.map((line) => (line.startsWith(from) ? to : line)));

describe('EDIFACT', () => {
  test('a despatch advice, its packages in one another', () => {
    expect(messagesIn(readEdifact(edifact()))).toMatchObject([
      {
        ...{ standard: 'edifact', type: 'DESADV', version: 'D:96A:UN:EAN005', interchange: 'R905' },
        sender: { id: '4012345000009', qualifier: '14' },
        BGM: [{ BGM02: '80001' }],
        NAD: [{ NAD01: 'DP', NAD02: ['9501101530003', '', '9'] }],
        CPS: [
          {
            PAC: [{ PCI: [{ GIN: [{ GIN02: '095011015300014327' }] }] }],
            LIN: [{ QTY: [{ QTY01: ['12', '10', 'PCE'] }] }, { QTY: [{ QTY01: ['12', '5', 'PCE'] }] }],
            CPS: [{ CPS01: '2' }],
          },
        ],
        CNT: [{ line: 15 }],
      },
    ]);
  });

  test('signs drawn from UNA, released and wrapped', () => {
    const other = `UNA|*,! ~${edifact().replaceAll(':', '|').replaceAll('+', '*').replaceAll("'\n", '~').replace(/'$/, '~')}`;
    const [message] = messagesIn(readEdifact(other.replace('80001', '8!~!*!|00!!1')));
    expect(message).toMatchObject({ BGM: [{ BGM02: '8~*|00!1' }], decimal: ',' });
    const wrapped = edifact().replaceAll('\n', '').replace(/.{80}/g, '$&\n');
    expect(messagesIn(readEdifact(wrapped))[0]?.CNT).toMatchObject([{ CNT01: ['2', '2'] }]);
  });

  test.each([
    ["FTX+DEL+++1 ??'", '1 ?'],
    ["FTX+DEL+++1 ?'2'", "1 '2"],
    ["FTX+DEL+++1 ???'2'", "1 ?'2"],
    ["FTX+DEL+++1??????'", '1???'],
    ["FTX+DEL+++http?://a.example/x.cgi??refnr=1'", 'http://a.example/x.cgi?refnr=1'],
    ["FTX+DEL+++MAXUNA?+ UNB'", 'MAXUNA+ UNB'],
  ])('%s says %s', (segment, said) => {
    expect(messagesIn(readEdifact(withDesadv('DTM', segment)))[0]?.FTX).toMatchObject([{ FTX04: said }]);
  });

  test('ISO 8859-1 where UNB says UNOC, UTF-8 where it says UNOY', () => {
    const named = withDesadv('DTM', "FTX+DEL+++Kühlgut'");
    const read = (bytes: Uint8Array) => messagesIn(readEdifact(ediText(bytes)))[0]?.FTX;
    expect(read(Buffer.from(named, 'latin1'))).toMatchObject([{ FTX04: 'Kühlgut' }]);
    expect(read(Buffer.from(named.replace('UNOC', 'UNOY')))).toMatchObject([{ FTX04: 'Kühlgut' }]);
    expect(() => ediText(Buffer.from(named.replace('UNOC', 'UNOZ')))).toThrow('UNOZ');
  });

  test('a blank in UNA parts no repetitions, also in syntax 4', () => {
    const fourth = `UNA:+.? '${edifact().replace('UNOC:3', 'UNOC:4').replace('80001', '8*1')}`;
    expect(messagesIn(readEdifact(fourth))[0]?.BGM).toMatchObject([{ BGM02: '8*1' }]);
    expect(messagesIn(readEdifact(fourth.slice(9)))[0]?.BGM).toMatchObject([{ BGM02: ['8', '1'] }]);
  });

  test.each([
    ['a wrong count of segments', withDesadv('UNT', "UNT+14+1'"), 'allowed: 15'],
    ['another reference', withDesadv('UNT', "UNT+15+2'"), 'as in 0062 of UNH'],
    ['a wrong count of messages', withDesadv('UNZ', "UNZ+2+R905'"), 'allowed: 1'],
    ['another interchange', withDesadv('UNZ', "UNZ+1+R906'"), 'as in 0020 of UNB'],
    ['no UNT', edifact(DESADV.filter((line) => !line.startsWith('UNT'))), 'UNT before it'],
    ['no UNZ', edifact(DESADV.slice(0, -1)), 'it seems cut off'],
    ['a sign before UNA', `'UNA:+.? '\n${edifact()}`, 'line 1, segment 1'],
    ['UNA with one sign twice', `UNA++.? '${edifact()}`, 'given as separators'],
    ['UNA with a letter', `UNA:+.?A'${edifact()}`, 'given as separators'],
  ])('%s is refused, with where', (_name, text, message) => {
    expect(() => readFile(Buffer.from(text))).toThrow(message);
  });

  test('is acknowledged by a CONTRL that reads', () => {
    const [interchange] = readEdifact(edifact());
    if (interchange === undefined) throw new Error('none');
    const told = { control: '7', at: Date.UTC(2026, 10, 29, 12) };
    const [taken] = messagesIn(readEdifact(acknowledgeEdifact(interchange, { ...told, isRefused: false })));
    expect(taken).toMatchObject({
      ...{ type: 'CONTRL', sender: { id: '9501101530003' }, receiver: { id: '4012345000009' } },
      UCI: [{ UCI01: 'R905', UCI04: '7' }],
      UCM: [{ UCM01: '1', UCM03: '7' }],
    });
    const [refused] = messagesIn(readEdifact(acknowledgeEdifact(interchange, { ...told, isRefused: true })));
    expect(refused).toMatchObject({ UCI: [{ UCI04: '4' }], UCM: [{ UCM03: '4' }] });
  });
});

describe('IDocs', () => {
  test('as XML, one or several', () => {
    const one = (number: string) =>
      `<IDOC BEGIN="1"><EDI_DC40 SEGMENT="1"><DOCNUM>${number}</DOCNUM></EDI_DC40><E1EDL20 SEGMENT="1"><VBELN>80001</VBELN><E1EDL24 SEGMENT="1"><POSNR>10</POSNR></E1EDL24></E1EDL20></IDOC>`;
    expect(xmlTree(`<?xml version="1.0"?><DELVRY07>${one('1')}</DELVRY07>`)).toMatchObject({
      DELVRY07: { IDOC: { '@BEGIN': '1', E1EDL20: { VBELN: '80001', E1EDL24: { POSNR: '10' } } } },
    });
    expect(xmlTree(`<DELVRY07>${one('1')}${one('2')}</DELVRY07>`)).toMatchObject({
      DELVRY07: { IDOC: [{ EDI_DC40: { DOCNUM: '1' } }, { EDI_DC40: { DOCNUM: '2' } }] },
    });
  });

  test('a document type is refused, and so is what is called as a part of objects kept apart', () => {
    expect(() => xmlTree('<!DOCTYPE a [<!ENTITY b "c">]>\n<a>&b;</a>')).toThrow('a document type is not accepted');
    const odd = xmlTree('<a><__proto__><polluted>1</polluted></__proto__></a>');
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
    expect(Object.keys(odd.a ?? {})).toEqual(['__proto__']);
    expect(() => xmlTree('<a>'.repeat(200))).toThrow('nested deeper than 100 levels');
    expect(() => xmlTree('<a>\n<b></a>')).toThrow('line 2');
  });

  const record = (segment: string, number: string, parent: string, data: string) =>
    `${segment.padEnd(30)}100${'0000000000001234'}${number}${parent}02${data}`;
  const control = `EDI_DC40  100${'0000000000001234'}750 532   DELVRY07`.padEnd(99).padEnd(129, 'DESADV'.padEnd(30));

  test('in fixed columns, as XML has them', () => {
    const text = [
      control,
      record('E2EDL20004', '000001', '000000', '0000080001AB12'),
      record('E2EDL24007', '000002', '000001', '000010'),
      record('E2EDL24007', '000003', '000001', '000020'),
    ].join('\r\n');
    const layout = {
      E1EDL20: [
        ['VBELN', 10],
        ['VSTEL', 4],
      ],
      E2EDL24007: [['POSNR', 6]],
    } as const;
    expect(readFixedIdocs(text, layout)).toMatchObject({
      IDOC: [
        {
          EDI_DC40: { DOCNUM: '0000000000001234', IDOCTYP: 'DELVRY07' },
          E1EDL20: { VBELN: '0000080001', VSTEL: 'AB12', E1EDL24: [{ POSNR: '000010' }, { POSNR: '000020' }] },
        },
      ],
    });
    expect(readFixedIdocs(text)).toMatchObject({ IDOC: [{ E1EDL20: { SDATA: '0000080001AB12' } }] });
    expect(() => readFixedIdocs(text.slice(control.length))).toThrow('EDI_DC40, the control record');
    expect(() => readFixedIdocs(`${control}\nE2EDL20004 short`)).toThrow('line 2');
  });
});

describe('tables', () => {
  test.each([
    ['commas', 'No,Qty\n1,2\n'],
    ['semicolons and CR LF', '\uFEFFNo;Qty\r\n1;2\r\n'],
    ['what Excel says parts them', 'sep=;\nNo;Qty\n1;2\n'],
    ['tabs', 'No\tQty\n1\t2\n'],
  ])('parted by %s', (_name, text) => {
    expect(tableRows(text)).toMatchObject([{ No: '1', Qty: '2' }]);
  });

  test('say the line they stand in, and keep cells as texts', () => {
    expect(tableRows('No,GTIN\n\n1,00123\n2,"a\nb"\n3,x\n').map(({ line }) => line)).toEqual([3, 5, 6]);
    expect(tableRows('No,GTIN\n1,00123')[0]?.GTIN).toBe('00123');
  });

  test.each([
    ['a column twice', 'a,a\n1,2', 'stands twice'],
    ['a column without a name', 'a,\n1,2', 'a name'],
    ['too many cells', 'a,b\n1,2\n1,2,3', 'line 3'],
    ['a quote that is not closed', 'a,b\n1,"2', 'line'],
    ['no row', 'a,b\n', 'line 2'],
    ['a column that is no property', '__proto__,b\n1,2', '__proto__'],
  ])('%s is refused', (_name, text, message) => {
    expect(() => tableRows(text)).toThrow(message);
  });
});

describe('the form of a file', () => {
  test.each([
    ['x12', x12()],
    ['edifact', edifact()],
    ['edifact', `UNA:+.? '${edifact()}`],
    ['idoc', 'EDI_DC40  100'],
    ['json', '\uFEFF {"a":1}'],
    ['xml', '<a/>'],
    ['csv', 'No,Qty'],
  ])('%s', (form, text) => {
    expect(formOf(Buffer.from(text))).toBe(form);
  });

  test.each([
    ['empty', Buffer.alloc(0)],
    ['ZIP', Buffer.from('504b0304', 'hex')],
    ['gzip', Buffer.from('1f8b0800', 'hex')],
    ['PDF', Buffer.from('%PDF-1.7')],
    ['S/MIME', Buffer.from('MIME-Version: 1.0\n')],
  ])('%s is refused and says so', (name, content) => {
    expect(() => formOf(content)).toThrow(name);
  });

  test('broken JSON says its line', () => {
    expect(() => readFile(Buffer.from('{\n"a": 1,\n}'))).toThrow('line 3');
  });

  test('a table of a spreadsheet in UTF-16 or ISO 8859-1 is read', () => {
    const utf16 = Buffer.concat([Buffer.from('fffe', 'hex'), Buffer.from('No;Name\n1;Kühl', 'utf16le')]);
    expect(readFile(utf16).inputs).toMatchObject([[{ Name: 'Kühl' }]]);
    expect(readFile(Buffer.from('No;Name\n1;Kühl', 'latin1')).inputs).toMatchObject([[{ Name: 'Kühl' }]]);
  });
});
