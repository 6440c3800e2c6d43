import type { ReportLanguage } from '../../../domain/index.ts';

/** A file that is kept inside a report: what the pages say, for machines. */
export interface ReportFile {
  /** Plain ASCII without spaces. */
  readonly name: string;
  readonly mediaType: string;
  readonly about: string;
  /** ISO 32000-2, 14.13.2: `Data` stands for what the pages show, `Source` is what it was made from. */
  readonly relationship: 'Data' | 'Source' | 'Supplement';
  readonly content: string | Uint8Array;
}

export interface ReportColumn {
  readonly title: string;
  /** Share of the width; the shares need not add up to anything. */
  readonly share: number;
  /** Figures stand right. */
  readonly isFigure?: boolean;
}

/** A line of a chart. Values in the unit of the chart. */
export interface ChartLine {
  readonly name: string;
  readonly points: readonly {
    readonly at: number;
    readonly min: number;
    readonly max: number;
    /** Nothing is known between this point and the next one. */
    readonly isLast: boolean;
  }[];
  /** Shown, not judged. */
  readonly suspects: readonly { readonly at: number; readonly value: number }[];
}

export interface Chart {
  /** Said of it where it cannot be seen. */
  readonly alternative: string;
  /** Epoch ms UTC. */
  readonly from: number;
  readonly to: number;
  readonly unit: string;
  readonly limits: readonly { readonly value: number; readonly label: string }[];
  readonly lines: readonly ChartLine[];
  /** Stretches that alerts are about. */
  readonly marked: readonly { readonly from: number; readonly to: number }[];
  /** Words of the legend. */
  readonly says: { readonly suspect: string; readonly limit: string; readonly alert: string };
}

/** What a report is made of, in the order of reading. */
export type ReportBlock =
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string; readonly tone?: 'plain' | 'quiet' | 'grave' }
  | { readonly kind: 'facts'; readonly facts: readonly (readonly [label: string, value: string])[] }
  | { readonly kind: 'table'; readonly columns: readonly ReportColumn[]; readonly rows: readonly (readonly string[])[] }
  | { readonly kind: 'chart'; readonly chart: Chart }
  /** Many short texts, such as serial numbers, side by side. */
  | { readonly kind: 'items'; readonly title: string; readonly items: readonly string[] };

/** A report without its looks. The same report is the same bytes. */
export interface Report {
  readonly title: string;
  /** One line under the title. */
  readonly subtitle: string;
  /** Who made it, on every page. */
  readonly organisation: string | null;
  /** When what it says held, epoch ms UTC: the date of the document. */
  readonly at: number;
  readonly language: ReportLanguage;
  readonly zone: string;
  readonly blocks: readonly ReportBlock[];
  readonly files: readonly ReportFile[];
  /** Stands on every page, before everything else: that nothing in it is real. */
  readonly mark?: string;
  /** It has a place for the proof that it was issued. */
  readonly isToBeIssued?: boolean;
}
