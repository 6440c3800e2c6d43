import { createHash } from 'node:crypto';
import { setImmediate as endOfTurn } from 'node:timers/promises';
import PDFDocument from 'pdfkit';
import { chartHeight, drawChart } from './draw-chart.ts';
import { drawTable } from './draw-table.ts';
import { reportFonts } from './fonts.ts';
import { Formats } from './formats.ts';
import { ISSUED_FILE, NOT_ISSUED, withoutChecksum } from './issued.ts';
import { plainTitle } from './printable.ts';
import type { OnDrawn } from './progress.ts';
import type { Report, ReportBlock } from './report.ts';
import { Sheet } from './sheet.ts';

/** To begin with: else it is Helvetica, which is not embedded. */
const NO_FONT = '';
/** With the space before and after it. */
const HEADING_HEIGHT = 30;

/**
 * A report as PDF/A-3b (ISO 19005-3), tagged, with its files inside. Deterministic: no clock, no chance; the same report
 * gives the same bytes.
 * @param onDrawn told now and then how far it is
 */
export async function renderReport(report: Report, onDrawn: OnDrawn = () => {}): Promise<Buffer> {
  const { mark = null } = report;
  const at = new Date(Math.floor(report.at / 1_000) * 1_000);
  const document = new PDFDocument({
    ...{ size: 'A4', margin: 0, autoFirstPage: false, bufferPages: true, pdfVersion: '1.7', tagged: true },
    ...{ subset: 'PDF/A-3b', lang: report.language, displayTitle: true, font: NO_FONT },
    info: {
      Title: plainTitle(mark === null ? report.title : `${mark} · ${report.title}`),
      Author: plainTitle(report.organisation ?? 'Isotherm'),
      Subject: plainTitle(report.subtitle),
      Keywords: contentHash(report),
      ...{ Creator: 'Isotherm', Producer: 'Isotherm with PDFKit', CreationDate: at, ModDate: at },
    },
  });
  const chunks: Buffer[] = [];
  document.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<void>((resolve, reject) => document.on('end', resolve).on('error', reject));
  for (const [name, font] of Object.entries(reportFonts())) document.registerFont(name, font);
  const sheet = new Sheet(document);
  const formats = new Formats({ language: report.language, zone: report.zone, unit: 'C' });
  if (mark !== null) sheet.paragraph(`${mark}. ${formats.say('report.practice')}`, 'grave');
  sheet.title(report.title, report.subtitle);
  const of = report.blocks.reduce((sum, block) => sum + linesIn(block), 0);
  let done = 0;
  const drawn = (lines: number) => {
    done += lines;
    onDrawn({ done, of });
  };
  for (const [i, block] of report.blocks.entries()) {
    const next = report.blocks[i + 1];
    // A chart's heading goes to the next page with it.
    if (block.kind === 'heading' && next?.kind === 'chart') sheet.ensure(HEADING_HEIGHT + chartHeight(next.chart));
    await drawBlock(sheet, block, formats, drawn);
    // Ten thousand serials are drawn in many turns: others are served between.
    await endOfTurn();
  }
  sheet.finish(
    (page, pages) => ({
      left: [report.organisation, report.title].filter((text) => text !== null).join(' · '),
      right: formats.say('report.page', { page, pages }),
    }),
    mark,
  );
  for (const { name, mediaType, about, relationship, content } of report.files) {
    const bytes = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content);
    document.file(bytes, {
      ...{ name, type: mediaType, description: about, creationDate: at, modifiedDate: at },
      ...{ relationship },
    });
  }
  if (report.isToBeIssued === true) {
    // As it stands: what is put in its place later is as long.
    document.compress = false;
    document.file(Buffer.from(NOT_ISSUED), {
      ...{ name: ISSUED_FILE, type: 'application/json', description: formats.say('report.file.issued') },
      ...{ creationDate: at, modifiedDate: at, relationship: 'Supplement' },
    });
    document.compress = true;
  }
  document.end();
  await ended;
  const pdf = Buffer.concat(chunks);
  return report.isToBeIssued === true ? withoutChecksum(pdf) : pdf;
}

/** SHA-256 of all that the report says: two files with the same one say the same. */
function contentHash(report: Report): string {
  return `sha256:${createHash('sha256').update(JSON.stringify(report)).digest('hex')}`;
}

/** What of a block takes long. */
function linesIn(block: ReportBlock): number {
  if (block.kind === 'table') return block.rows.length;
  return block.kind === 'items' ? block.items.length : 0;
}

async function drawBlock(
  sheet: Sheet,
  block: ReportBlock,
  formats: Formats,
  drawn: (lines: number) => void,
): Promise<void> {
  switch (block.kind) {
    case 'heading':
      return sheet.heading(block.text);
    case 'text':
      return sheet.paragraph(block.text, block.tone ?? 'plain');
    case 'facts':
      return sheet.facts(block.facts);
    case 'table':
      return drawTable(sheet, block, drawn);
    case 'chart':
      return drawChart(sheet, block.chart, formats);
    case 'items':
      return sheet.items(block.title, block.items, drawn);
  }
}
