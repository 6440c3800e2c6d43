import { readdir, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Marked, type Tokens } from 'marked';
import { escapedHtml } from '../../../alerts/index.ts';

/** The documents as they come with the product. */
export const DOCS = fileURLToPath(new URL('../../../docs', import.meta.url));

export interface HelpPage {
  /** Under /help/: `cases`, `decisions/0044-decisions-as-facts`. */
  readonly name: string;
  readonly title: string;
  readonly html: string;
  readonly anchors: ReadonlySet<string>;
}

export interface HelpFound {
  readonly name: string;
  readonly title: string;
  readonly heading: string;
  readonly anchor: string;
  /** The words around what was found. */
  readonly excerpt: string;
}

interface Section extends Omit<HelpFound, 'excerpt'> {
  readonly text: string;
}

interface Read {
  readonly pages: ReadonlyMap<string, HelpPage>;
  readonly sections: readonly Section[];
}

const MOST_FOUND = 30;
const EXCERPT = 180;

/**
 * The documents as help: rendered once, searched in memory, linked among each other. HTML that stands in a document is shown as
 * text, and a link leads to a page of the help, to a picture, or out over HTTPS; to nothing else.
 */
export class HelpPages {
  readonly #dir: string;
  #read: Promise<Read> | null = null;

  constructor(dir = DOCS) {
    this.#dir = dir;
  }

  /** By name, those for people first. */
  async all(): Promise<readonly HelpPage[]> {
    return [...(await this.#all()).pages.values()];
  }

  async page(name: string): Promise<HelpPage | null> {
    return (await this.#all()).pages.get(name) ?? null;
  }

  /** Bytes of a picture in the documents; null for whatever is none. */
  async picture(name: string): Promise<Buffer | null> {
    if (!/^(?:[a-z0-9-]+\/)?[a-z0-9-]+\.png$/.test(name)) return null;
    return readFile(join(this.#dir, name)).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw error;
    });
  }

  /** Sections that have every word; those that have it in a heading first. */
  async search(text: string): Promise<readonly HelpFound[]> {
    const words = text
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '');
    if (words.length === 0) return [];
    const { sections } = await this.#all();
    const scored = sections.flatMap((section) => {
      const heading = `${section.title} ${section.heading}`.toLowerCase();
      const body = section.text.toLowerCase();
      if (!words.every((word) => heading.includes(word) || body.includes(word))) return [];
      const inHeading = words.filter((word) => heading.includes(word)).length;
      return [{ section, score: 10 * inHeading - (section.name.includes('/') ? 5 : 0) }];
    });
    return scored
      .toSorted((one, other) => other.score - one.score)
      .slice(0, MOST_FOUND)
      .map(({ section: { text: body, ...found } }) => ({ ...found, excerpt: excerptOf(body, words) }));
  }

  #all(): Promise<Read> {
    this.#read ??= readAll(this.#dir);
    return this.#read;
  }
}

async function readAll(dir: string): Promise<Read> {
  const files = await markdownIn(dir);
  const names = new Set(files.map((file) => file.slice(0, -'.md'.length)));
  const pages = new Map<string, HelpPage>();
  const sections: Section[] = [];
  for (const file of files) {
    const name = file.slice(0, -'.md'.length);
    const rendered = rendererOf(name, names).page(await readFile(join(dir, file), 'utf8'));
    pages.set(name, { name, ...rendered.page });
    sections.push(...rendered.sections.map((section) => ({ name, title: rendered.page.title, ...section })));
  }
  return { pages, sections };
}

async function markdownIn(dir: string): Promise<string[]> {
  const files = async (folder: string) =>
    (await readdir(join(dir, folder))).filter((one) => one.endsWith('.md')).map((one) => posix.join(folder, one));
  return [...(await files('.')).toSorted(), ...(await files('decisions')).toSorted()];
}

/** @param name of the page, which its links start from. @param names of all pages */
function rendererOf(name: string, names: ReadonlySet<string>) {
  const anchors = new Set<string>();
  let anchor = '';
  const marked = new Marked({ gfm: true });
  marked.use({
    renderer: {
      // Nothing in a document is markup of ours.
      html: ({ text }: Tokens.HTML | Tokens.Tag) => escapedHtml(text),
      heading({ tokens, depth, text }: Tokens.Heading) {
        anchor = freshAnchor(text, anchors);
        return `<h${depth} id="${anchor}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      link({ href, tokens }: Tokens.Link) {
        const inside = this.parser.parseInline(tokens);
        const target = targetOf(href, name, names);
        if (target === null) return `<span class="source">${inside}</span>`;
        return `<a href="${escapedHtml(target)}"${target.startsWith('https:') ? ' rel="noreferrer"' : ''}>${inside}</a>`;
      },
      image({ href, text }: Tokens.Image) {
        const path = posix.join(posix.dirname(name), href);
        return `<img src="/help/${escapedHtml(path)}" alt="${escapedHtml(text)}" loading="lazy">`;
      },
      table({ header, rows }: Tokens.Table) {
        const cell = (tag: string) => (one: Tokens.TableCell) =>
          `<${tag}>${this.parser.parseInline(one.tokens)}</${tag}>`;
        const body = rows.map((row) => `<tr>${row.map(cell('td')).join('')}</tr>`).join('\n');
        return `<div class="wide" tabindex="0"><table><thead><tr>${header.map(cell('th')).join('')}</tr></thead><tbody>${body}</tbody></table></div>\n`;
      },
    },
  });
  return {
    page(markdown: string) {
      const html = marked.parse(markdown, { async: false });
      const title = plain(/^# (.+)$/m.exec(markdown)?.[1] ?? name);
      return { page: { title, html, anchors }, sections: sectionsOf(markdown) };
    },
  };
}

function sectionsOf(markdown: string): { heading: string; anchor: string; text: string }[] {
  const anchors = new Set<string>();
  const sections: { heading: string; anchor: string; text: string }[] = [];
  for (const line of withoutCode(markdown)) {
    const heading = /^#{1,6} (.+)$/.exec(line)?.[1];
    if (heading !== undefined)
      sections.push({ heading: plain(heading), anchor: freshAnchor(heading, anchors), text: '' });
    const last = sections.at(-1);
    if (heading === undefined && last !== undefined) last.text += `${plain(line)} `;
  }
  return sections;
}

/** A line of code that begins with `#` is no heading; its words are found all the same. */
function* withoutCode(markdown: string): Generator<string> {
  let isCode = false;
  for (const line of markdown.split('\n')) {
    if (line.startsWith('```')) isCode = !isCode;
    else yield isCode ? ` ${line}` : line;
  }
}

/** As hosts of Markdown make them: small letters, dashes; a second of the same gets a number. */
function freshAnchor(heading: string, known: Set<string>): string {
  const base = plain(heading)
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .trim()
    .replace(/ /g, '-');
  let anchor = base;
  for (let nth = 1; known.has(anchor); nth++) anchor = `${base}-${nth}`;
  known.add(anchor);
  return anchor;
}

/** Where a link leads; null where that is not served here: a source file, a scheme that is no page. */
function targetOf(href: string, from: string, names: ReadonlySet<string>): string | null {
  if (href.startsWith('#') || href.startsWith('https://')) return href;
  if (/^[a-z]+:/i.test(href)) return null;
  const [path = '', anchor] = href.split('#');
  const name = posix.join(posix.dirname(from), path).replace(/\.md$/, '');
  if (name === 'decisions' || name === 'decisions/') return '/help/#decisions';
  return names.has(name) ? `/help/${name}${anchor === undefined ? '' : `#${anchor}`}` : null;
}

function plain(text: string): string {
  return text
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[`*|]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

function excerptOf(text: string, words: readonly string[]): string {
  const lower = text.toLowerCase();
  const found = Math.min(...words.map((word) => lower.indexOf(word)).filter((at) => at >= 0));
  const from = Number.isFinite(found) ? Math.max(0, found - EXCERPT / 3) : 0;
  const cut = text.slice(from, from + EXCERPT).trim();
  return `${from > 0 ? '… ' : ''}${cut}${from + EXCERPT < text.length ? ' …' : ''}`;
}
