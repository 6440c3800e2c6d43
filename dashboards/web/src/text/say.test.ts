import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { IntlMessageFormat } from 'intl-messageformat';
import { parseAst } from 'vite';
import { expect, test } from 'vitest';
import { far } from './en/far.ts';
import { en } from './en/index.ts';
import { loadFarTexts, say } from './say.ts';

const SRC = fileURLToPath(new URL('..', import.meta.url));
/** Screens whose texts all stand in the catalogue. */
const CONVERTED = [
  ...[
    'admin',
    'alert',
    'announce',
    'case',
    'chart',
    'device',
    'exception',
    'frame',
    'inbox',
    'journey',
    'lane',
    'parts',
    'partner',
    'portal',
    'practice',
    'recall',
    'routing',
    'rule',
    'serial',
    'serial-list',
    'share',
    'shipment',
    'sign-in',
    'suspect',
    'verify',
  ],
];

test('every text is ICU MessageFormat', () => {
  for (const [key, text] of Object.entries(en)) expect(() => new IntlMessageFormat(text, 'en-GB'), key).not.toThrow();
});

test('no key stands for two texts', () => {
  const keys = filesUnder(join(SRC, 'text', 'en')).flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/^ {2}'([^']+)':/gm)].map(([, key = '']) => key),
  );
  expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([]);
  expect(new Set(Object.keys(en))).toEqual(new Set(keys));
});

test('a text says one and many as the language does', async () => {
  await loadFarTexts();
  expect(say('tokens.expires.days', { days: 1 })).toBe('in 1 day');
  expect(say('tokens.expires.days', { days: 90 })).toBe('in 90 days');
});

test('every text is used: a key that nobody asks for is a text that nobody reads', () => {
  const sources = filesUnder(SRC).filter((file) => !file.includes('/text/') && !file.endsWith('.test.ts'));
  const code = sources.map((file) => readFileSync(file, 'utf8')).join('\n');
  const unused = Object.keys(en).filter(
    (key) => !code.includes(`'${key}'`) && !code.includes(`text="${key}"`) && !isMadeUp(key, code),
  );
  expect(unused).toEqual([]);
});

// A screen that asked for a text of administration before it was there would break.
test('no screen asks for a text that comes with the screens of administration, unless it is one of them', () => {
  const routes = join(SRC, 'routes.tsx');
  const later = [...readFileSync(routes, 'utf8').matchAll(/later\(async \(\) => \(await import\('([^']+)'\)/g)].map(
    ([, path = '']) => join(SRC, path),
  );
  expect(later.length).toBeGreaterThan(20);
  const reached = new Set<string>();
  const waiting = [join(SRC, 'main.tsx')];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (reached.has(file) || later.includes(file)) continue;
    reached.add(file);
    for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/(?:from |import\(|import )'(\.[^']+\.tsx?)'/g)) {
      const imported = join(file, '..', path);
      if (imported.startsWith(SRC)) waiting.push(imported);
    }
  }
  expect(reached.size).toBeGreaterThan(150);
  const code = [...reached]
    .filter((file) => !file.includes('/text/'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  const asked = Object.keys(far).filter(
    (key) => code.includes(`'${key}'`) || code.includes(`text="${key}"`) || isMadeUp(key, code),
  );
  expect(asked).toEqual([]);
});

/** Of keys with a value in them: `say(`admin.role.${role}`)`; `textOr` where there may be none. */
function isMadeUp(key: string, code: string): boolean {
  const templates = [...code.matchAll(/(?:say|textOr)\(`([^`]+)`/g)].map(([, template = '']) =>
    template.split(/\$\{[^}]*\}/),
  );
  return templates.some((parts) =>
    new RegExp(`^${parts.map((part) => part.replaceAll('.', '\\.')).join('[^.]+')}$`).test(key),
  );
}

test.each(CONVERTED)('%s/ has no text of its own', (folder) => {
  const found = filesUnder(join(SRC, folder))
    .filter((file) => file.endsWith('.tsx'))
    .flatMap((file) => textsIn(readFileSync(file, 'utf8')).map((text) => `${file.slice(SRC.length)}: ${text}`));
  expect(found).toEqual([]);
});

test('a text in a component is found', () => {
  expect(textsIn('const a = <p title="Hello">Good day {name}</p>;')).toEqual(['Hello', 'Good day']);
  expect(textsIn('const a = <p className="a">{say("x")} · {1}</p>;')).toEqual([]);
  expect(textsIn("const a = <p>{isOn ? 'Switched on' : null}</p>;")).toEqual(['Switched on']);
  expect(textsIn("const A = { resolve: ['What was found', 'Add comment'] };")).toEqual([
    'What was found',
    'Add comment',
  ]);
});

test('no table keeps a text that was said while its file loaded: it would stay in the language of that moment', () => {
  const kept = filesUnder(SRC)
    .filter((file) => !file.endsWith('.test.ts') && !file.includes('/text/'))
    .flatMap((file) =>
      saidAtLoad(readFileSync(file, 'utf8'), file.endsWith('.tsx') ? 'tsx' : 'ts').map(
        (text) => `${file.slice(SRC.length)}: ${text}`,
      ),
    );
  expect(kept).toEqual([]);
});

test('what is said while a file loads is found, what is said later is not', () => {
  expect(saidAtLoad("const A = { a: say('x'), b: [say(`y.z`)] }; export const B = say('q');")).toHaveLength(3);
  const later = "const A = { get a() { return say('x'); }, b: () => say('y') }; function c() { return say('z'); }";
  expect(saidAtLoad(later)).toEqual([]);
});

const LATER = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression', 'ClassDeclaration']);

/** Calls of `say` that stand in no function. */
function saidAtLoad(code: string, lang: 'ts' | 'tsx' = 'ts'): string[] {
  const found: string[] = [];
  look(parseAst(code, { lang }));
  return found;

  function look(node: unknown): void {
    if (Array.isArray(node)) {
      for (const child of node) look(child);
      return;
    }
    if (typeof node !== 'object' || node === null || !('type' in node) || LATER.has(String(node.type))) return;
    const { type, callee, start } = node as Node & { callee?: { name?: string }; start?: number };
    if (type === 'CallExpression' && callee?.name === 'say') found.push(code.slice(start, (start ?? 0) + 40));
    for (const child of Object.values(node)) look(child);
  }
}

/** Attributes whose words a person reads or hears. */
const READ = new Set(['title', 'label', 'placeholder', 'aria-label', 'alt', 'data-label', 'description', 'what']);

/** Words of a person wherever they stand: handed to a function, or kept in a table. Names of things are one word. */
const SENTENCE = /^[A-Z][a-z]+ [a-z(]/;

function textsIn(code: string): string[] {
  const found: string[] = [];
  visit(parseAst(code, { lang: 'tsx' }), (node, parent) => {
    if (node.type === 'JSXText') keep(node.value);
    if (node.type !== 'Literal' || typeof node.value !== 'string') return;
    const { name } = (parent?.type === 'JSXAttribute' ? parent.name : {}) as { name?: string };
    if (name !== undefined && READ.has(name)) keep(node.value);
    if (name === undefined && parent?.type === 'ConditionalExpression' && isShown.has(parent)) keep(node.value);
    else if (name === undefined && parent?.type !== 'Property' && SENTENCE.test(node.value)) keep(node.value);
  });
  return found;

  function keep(text: unknown): void {
    const trimmed = String(text).trim();
    if (/[A-Za-z]{2}/.test(trimmed)) found.push(trimmed);
  }
}

interface Node {
  readonly type: string;
  readonly [name: string]: unknown;
}

test('what the page for pharmacies calls by name stands so on the screens', () => {
  const page = readFileSync(join(SRC, '../../../docs/dispenser.md'), 'utf8');
  const names = new Set([...page.matchAll(/(?<!\*)\*([^*\n]+)\*(?!\*)/g)].map(([, name]) => name));
  expect(names.size).toBeGreaterThan(20);
  const texts = new Set<string>(Object.values({ ...en, ...far }));
  expect([...names].filter((name) => name !== undefined && !texts.has(name))).toEqual([]);
});

/** Conditions that stand among the children of an element: what they give is shown. */
const isShown = new WeakSet<Node>();

function visit(node: unknown, see: (node: Node, parent: Node | null) => void, parent: Node | null = null): void {
  if (Array.isArray(node)) {
    for (const child of node) visit(child, see, parent);
    return;
  }
  if (typeof node !== 'object' || node === null || !('type' in node)) return;
  const here = node as Node;
  const expression = here.expression as Node | undefined;
  if (here.type === 'JSXExpressionContainer' && parent?.type !== 'JSXAttribute' && expression !== undefined) {
    if (expression.type === 'ConditionalExpression') isShown.add(expression);
  }
  see(here, parent);
  for (const [name, child] of Object.entries(here)) if (name !== 'parent') visit(child, see, here);
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}
