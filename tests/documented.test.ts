import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commands } from '../app/commands/index.ts';
import { LOG_LINES } from '../domain/index.ts';
import { documentedMetrics, errorCodes, metricsOf, operatingPage, permissionsPage, sourceFiles } from './documented.ts';
import { startIsotherm } from './isotherm-process.ts';

const page = (name: string) => readFileSync(join(import.meta.dirname, '../docs', name), 'utf8');

test('every error code is in docs/errors.md, and nothing else (node tests/documented.ts writes it)', () => {
  const documented = [...page('errors.md').matchAll(/^\| `([A-Z0-9_]+)` \|/gm)].map(([, code]) => code);
  expect(documented.toSorted()).toEqual(errorCodes().map(({ code }) => code));
});

test('who may do what stands in docs/permissions.md as the code has it (node tests/documented.ts writes it)', () => {
  expect(page('permissions.md')).toBe(permissionsPage());
});

test('every line of the log is in docs/operating.md with what to do about it (node tests/documented.ts writes it)', () => {
  expect(page('operating.md')).toBe(operatingPage());
  expect(page('operating.md')).toContain('| reader is away; trying again | warn |');
});

test('every line that stands in the list is written somewhere', () => {
  const source = [...sourceFiles()].filter(({ path }) => !path.endsWith('log-lines.ts')).map(({ text }) => text);
  const all = source.join('\n');
  expect(Object.keys(LOG_LINES).filter((line) => !all.includes(`'${line}'`) && !all.includes(`"${line}"`))).toEqual([]);
});

test('every command is in docs/commands.md as the program shows it', () => {
  const documented = [...page('commands.md').matchAll(/^\| `isotherm (.*)` \| (.*) \|$/gm)].map(([, usage, about]) => ({
    usage: usage?.replaceAll('\\|', '|'),
    about,
  }));
  expect(documented).toEqual(commands.map(({ usage, about }) => ({ usage, about })));
});

test('every metric that a server exposes is in docs/operating.md with its meaning, and nothing else', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-documented-'));
  try {
    // With every optional part in, away though it may be.
    const env = { INFLUX_URL: 'http://127.0.0.1:9', INFLUX_ORG: 'isotherm', INFLUX_BUCKET: 'readings' };
    const server = await startIsotherm({ command: 'serve', dataDir, env });
    try {
      const exposition = await (await fetch(`${server.httpUrl}/metrics`)).text();
      expect(exposition.endsWith('# EOF\n')).toBe(true);
      expect(documentedMetrics()).toEqual(metricsOf(exposition));
    } finally {
      expect(await server.stop()).toBe(0);
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}, 150_000);
