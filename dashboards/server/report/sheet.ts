import { setImmediate as endOfTurn } from 'node:timers/promises';
import { type Glyphs, printable } from './printable.ts';

type Document = PDFKit.PDFDocument;
type Face = 'text' | 'bold' | 'fixed';

/** A4, points. */
const PAGE = { width: 595.28, height: 841.89, margin: 42, foot: 52 } as const;
export const WIDTH = PAGE.width - 2 * PAGE.margin;

/** Contrast on white at least 4.5 : 1 for whatever is read. */
export const INK = {
  ...{ plain: '#1b1f24', quiet: '#57606a', grave: '#a40e26', rule: '#c4cad1', band: '#f3f5f7' },
} as const;
type Ink = keyof typeof INK;

const LEADING = 1.32;
const ITEMS_AT_ONCE = 500;

/** What is drawn where a line of text begins. */
export interface Written {
  readonly size: number;
  readonly face?: Face;
  readonly ink?: Ink;
}

/**
 * Pages that fill from top to bottom. Everything that is read goes through here with its tag; rules and the foot of the
 * page are artifacts (ISO 32000-1, 14.8).
 */
export class Sheet {
  readonly pdf: Document;
  /** Where the next thing goes. */
  y = 0;
  readonly left = PAGE.margin;
  readonly #root: PDFKit.PDFStructureElement;
  readonly #printed = new Map<string, string>();
  readonly #glyphs = new Map<Face, Glyphs>();

  constructor(pdf: Document) {
    this.pdf = pdf;
    this.#root = pdf.struct('Document');
    pdf.addStructure(this.#root);
    this.newPage();
  }

  newPage(): void {
    this.pdf.addPage();
    this.y = PAGE.margin;
  }

  /** @returns whether that began a page */
  ensure(height: number): boolean {
    if (this.y + height <= PAGE.height - PAGE.foot) return false;
    this.newPage();
    return true;
  }

  title(text: string, subtitle: string): void {
    this.lines('H1', this.wrap(text, WIDTH, { size: 18, face: 'bold' }), { size: 18, face: 'bold' });
    this.y += 2;
    this.lines('P', this.wrap(subtitle, WIDTH, { size: 9 }), { size: 9, ink: 'quiet' });
    this.y += 8;
    this.rule();
    this.y += 8;
  }

  heading(text: string): void {
    this.y += 10;
    // Never alone at the foot of a page.
    this.ensure(70);
    this.lines('H2', this.wrap(text, WIDTH, { size: 11.5, face: 'bold' }), { size: 11.5, face: 'bold' });
    this.y += 4;
  }

  paragraph(text: string, ink: 'plain' | 'quiet' | 'grave'): void {
    const written = { size: 8.5, ink, face: ink === 'grave' ? 'bold' : 'text' } as const;
    this.lines('P', this.wrap(text, WIDTH, written), written);
    this.y += 4;
  }

  /** Labels left, values beside them, in two columns where all are short. */
  facts(facts: readonly (readonly [string, string])[]): void {
    const label = { size: 8.5, ink: 'quiet' } as const;
    const value = { size: 8.5 } as const;
    const wide = 128;
    const table = this.begin('Table');
    for (const [name, text] of facts) {
      const names = this.wrap(name, wide - 8, label);
      const values = this.wrap(text, WIDTH - wide, value);
      const height = Math.max(names.length, values.length) * value.size * LEADING;
      this.ensure(Math.min(height, 400));
      const row = this.pdf.struct('TR');
      this.cell(row, 'TH', names, this.left, this.y, label);
      this.cell(row, 'TD', values, this.left + wide, this.y, value);
      table.add(row);
      row.end();
      this.y += height + 1.5;
    }
    table.end();
    this.y += 4;
  }

  /** In as many columns as fit, read along the lines. */
  /** @param onDrawn told how many items more are drawn */
  async items(title: string, items: readonly string[], onDrawn: (items: number) => void): Promise<void> {
    const written = { size: 7.2, face: 'fixed' } as const;
    this.ensure(40);
    this.lines('H3', this.wrap(title, WIDTH, { size: 8.5, face: 'bold' }), { size: 8.5, face: 'bold' });
    this.y += 2;
    // Of a fixed width each character takes the same: one is measured.
    const glyph = this.width('0', written);
    const longest = items.reduce((most, item) => Math.max(most, item.length), 1);
    const columns = Math.max(1, Math.floor(WIDTH / ((longest + 2) * glyph)));
    const step = written.size * LEADING;
    let undrawn = 0;
    for (let first = 0; first < items.length; first += columns) {
      this.ensure(step);
      const row = items.slice(first, first + columns).map((item) => item.padEnd(longest + 2));
      this.lines('P', this.wrap(row.join('').trimEnd(), WIDTH, written), written);
      undrawn += row.length;
      if (first % ITEMS_AT_ONCE >= columns) continue;
      onDrawn(undrawn);
      undrawn = 0;
      await endOfTurn();
    }
    onDrawn(undrawn);
    this.y += 6;
  }

  rule(): void {
    this.artifact(() => {
      const { pdf, left, y } = this;
      pdf.lineWidth(0.6).strokeColor(INK.rule).undash();
      pdf
        .moveTo(left, y)
        .lineTo(left + WIDTH, y)
        .stroke();
    });
  }

  begin(tag: string): PDFKit.PDFStructureElement {
    const element = this.pdf.struct(tag);
    this.#root.add(element);
    return element;
  }

  /** What is drawn, with words for who cannot see it. */
  figure(alternative: string, draw: () => void): void {
    const content = this.pdf.markStructureContent('Figure');
    draw();
    this.pdf.endMarkedContent();
    const element = this.pdf.struct('Figure', { alt: alternative }, content);
    this.#root.add(element);
    element.end();
  }

  artifact(draw: () => void): void {
    this.pdf.markContent('Artifact', { type: 'Layout' });
    draw();
    this.pdf.endMarkedContent();
  }

  /** Lines at the left edge, from `y` on; a page that is full goes on with the next. */
  lines(tag: string, lines: readonly string[], written: Written): void {
    const step = written.size * LEADING;
    for (const line of lines) {
      this.ensure(step);
      const content = this.pdf.markStructureContent(tag);
      this.write(line, this.left, this.y, written);
      this.pdf.endMarkedContent();
      const element = this.pdf.struct(tag, {}, content);
      this.#root.add(element);
      element.end();
      this.y += step;
    }
  }

  cell(
    row: PDFKit.PDFStructureElement,
    tag: 'TH' | 'TD',
    lines: readonly string[],
    x: number,
    y: number,
    written: Written,
  ): void {
    const content = this.pdf.markStructureContent(tag);
    for (const [i, line] of lines.entries()) this.write(line, x, y + i * written.size * LEADING, written);
    this.pdf.endMarkedContent();
    const element = this.pdf.struct(tag, {}, content);
    row.add(element);
    element.end();
  }

  /** One line that fits, as it stands. */
  write(text: string, x: number, y: number, { size, face = 'text', ink = 'plain' }: Written): void {
    if (text === '') return;
    this.pdf.font(face).fontSize(size).fillColor(INK[ink]);
    this.pdf.text(this.#printable(text, face), x, y, { lineBreak: false });
  }

  width(text: string, { size, face = 'text' }: Written): number {
    return this.pdf.font(face).fontSize(size).widthOfString(this.#printable(text, face));
  }

  /** Broken at spaces; a word that is wider than the line, such as an EPC, inside. */
  wrap(text: string, width: number, written: Written): string[] {
    return text.split('\n').flatMap((line) => this.#wrapLine(line, width, written));
  }

  #wrapLine(line: string, width: number, written: Written): string[] {
    if (this.width(line, written) <= width) return [line];
    const lines: string[] = [];
    let current = '';
    for (const word of line.split(' ')) {
      const longer = current === '' ? word : `${current} ${word}`;
      if (this.width(longer, written) <= width) {
        current = longer;
        continue;
      }
      if (current !== '') lines.push(current);
      current = word;
      while (this.width(current, written) > width) {
        const fits = this.#fitting(current, width, written);
        lines.push(current.slice(0, fits));
        current = current.slice(fits);
      }
    }
    return [...lines, current];
  }

  /** How many characters of a word fit, one at least. Never between the halves of one. */
  #fitting(word: string, width: number, written: Written): number {
    let [low, high] = [1, word.length];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.width(word.slice(0, middle), written) <= width) low = middle;
      else high = middle - 1;
    }
    return /[\ud800-\udbff]/.test(word[low - 1] ?? '') ? Math.max(low - 1, Math.min(2, word.length)) : low;
  }

  /**
   * The foot of every page, now that one knows how many there are.
   * @param mark in a frame at the head of every page
   */
  finish(
    foot: (page: number, pages: number) => { readonly left: string; readonly right: string },
    mark: string | null = null,
  ): void {
    this.#root.end();
    const { count } = this.pdf.bufferedPageRange();
    const written = { size: 7.5, ink: 'quiet' } as const;
    for (let page = 0; page < count; page++) {
      this.pdf.switchToPage(page);
      if (mark !== null) this.#mark(mark);
      const { left, right } = foot(page + 1, count);
      this.pdf.markContent('Artifact', { type: 'Pagination' });
      const y = PAGE.height - 34;
      const room = WIDTH - this.width(right, written) - 12;
      this.write(this.wrap(left, room, written)[0] ?? '', this.left, y, written);
      this.write(right, this.left + WIDTH - this.width(right, written), y, written);
      this.pdf.endMarkedContent();
    }
  }

  /** Over the whole width, framed: nobody takes a page of it for one without. */
  #mark(mark: string): void {
    const written = { size: 10, face: 'bold', ink: 'grave' } as const;
    this.pdf.markContent('Artifact', { type: 'Pagination' });
    this.pdf.lineWidth(1.4).strokeColor(INK.grave).dash(6, { space: 3 });
    this.pdf.rect(this.left, 12, WIDTH, 22).stroke().undash();
    this.write(mark, this.left + (WIDTH - this.width(mark, written)) / 2, 17, written);
    this.pdf.endMarkedContent();
  }

  #printable(text: string, face: Face): string {
    const key = `${face} ${text}`;
    const known = this.#printed.get(key);
    if (known !== undefined) return known;
    const printed = printable(text, this.#glyphsOf(face));
    if (text.length < 200 && this.#printed.size < 20_000) this.#printed.set(key, printed);
    return printed;
  }

  /** All faces are of one family and cover nearly the same; what one lacks is looked up in that one. */
  #glyphsOf(face: Face): Glyphs {
    const known = this.#glyphs.get(face);
    if (known !== undefined) return known;
    // The types of pdfkit do not show the font that it has open.
    const { _font } = this.pdf.font(face) as unknown as { readonly _font: { readonly font: Glyphs } };
    this.#glyphs.set(face, _font.font);
    return _font.font;
  }
}
