/**
 * What ERP and WMS write and read: X12, EDIFACT, IDocs as XML or in fixed columns, XML, CSV and JSON, each to plain objects
 * that a mapping reads; and back: X12 and EDIFACT, with what acknowledges them. It must never know what a delivery is.
 */

export { type EdifactInterchange, type EdifactSigns, readEdifact, USUAL_SIGNS } from './edifact.ts';
export { acknowledgeEdifact, type NewEdifact, writeEdifact } from './edifact-writing.ts';
export { ediText } from './encoding.ts';
export { type IdocLayout, readFixedIdocs } from './fixed-idoc.ts';
export { FILE_FORMS, type FileForm, formOf, type ReadFile, readFile } from './form.ts';
export { messagesIn } from './loops.ts';
export type { EdiInterchange, EdiMessage, EdiParty, Element, Segment } from './segment.ts';
export { type TableRow, tableRows } from './table-rows.ts';
export { readX12, type X12Delimiters, type X12Interchange } from './x12.ts';
export { acknowledgeX12, type NewSegment, type NewX12, plain, writeX12 } from './x12-writing.ts';
export { type XmlTree, xmlTree } from './xml-tree.ts';
