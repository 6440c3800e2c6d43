#!/usr/bin/env node
// Plain JavaScript that any Node can parse: it finds a Node 24 and hands over. The program itself is app/main.ts.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as module from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED = 24;
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
// Beside the code, so that whoever could write there could write the code; where that is read-only nothing is kept.
const COMPILED = join(root, 'node_modules', '.cache', 'isotherm-compiled');

if (Number(process.versions.node.split('.')[0]) >= NEEDED) {
  module.enableCompileCache?.(COMPILED);
  const { main } = await import('./main.ts');
  const code = await main(process.argv.slice(2));
  // A slow reader at the other end of a pipe gets the last lines too.
  await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))));
  // All is closed by now; an idle keep-alive connection somewhere is nothing to wait for.
  process.exit(code);
} else {
  handOver();
}

function handOver() {
  const node = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (!existsSync(node)) {
    console.error(
      `isotherm: needs Node ${NEEDED} or newer, this is ${process.version}; ` +
        'run "npm ci" in the checkout (it brings one for Linux on x64 and arm64) or install Node 24',
    );
    process.exit(1);
  }
  const args = [fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  // The channel ends when this process does, however it ends; the program stops itself then.
  const child = spawn(node, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}
