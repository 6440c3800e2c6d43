import { readFileSync } from 'node:fs';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';
import { type CallTool, mcpServer } from '../../dashboards/index.ts';
import { InputError, UnavailableError } from '../../domain/index.ts';
import type { Config } from '../config/index.ts';
import { configFor, readOptions, usageError } from './options.ts';

const USAGE = 'mcp [--config FILE]';
const problem = z.object({ code: z.string(), detail: z.string() });
const answer = z.record(z.string(), z.unknown());
const manifest = z.object({ version: z.string() });

/**
 * `isotherm mcp`: the Model Context Protocol on stdin and stdout, for an assistant on this machine. It asks a running
 * installation (`assistants.url`) with an API token (`assistants.token`), so that role, sites and audit trail are those
 * of the installation. Ends when its input does.
 */
export async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, {});
  if (positionals.length > 0) throw usageError(USAGE);
  const { assistants, http } = configFor(values.config);
  const { token } = assistants;
  if (token === null)
    throw new InputError(
      'CONFIG_INVALID',
      'assistants.token (ISOTHERM_ASSISTANTS_TOKEN): missing; allowed: an API token, as isotherm token create prints it',
    );
  const url = assistants.url ?? `http://127.0.0.1:${http.port}`;
  const { version } = manifest.parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')));
  const server = { version, call: asking({ url, token }), onDefect: told };
  await new Promise<void>((resolve) => {
    serveStdio(() => mcpServer(server), { onerror: told });
    process.stdin.once('close', resolve);
  });
  return 0;
}

/** stdout is the protocol's. */
function told(error: unknown): void {
  process.stderr.write(`isotherm mcp: ${error instanceof Error ? error.message : String(error)}\n`);
}

/** Asks the installation. */
function asking({ url, token }: { url: string; token: NonNullable<Config['assistants']['token']> }): CallTool {
  return async (name, input) => {
    const response = await fetch(new URL(`/api/v1/assistants/tools/${name}`, url), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ arguments: input }),
    }).catch((cause: unknown) => {
      throw new UnavailableError('PLATFORM_AWAY', `nothing answers at ${url} (assistants.url)`, { url }, cause);
    });
    const body: unknown = await response.json().catch(() => null);
    if (response.ok) return answer.parse(body);
    const said = problem.safeParse(body);
    if (said.success) throw new InputError(said.data.code, said.data.detail);
    throw new UnavailableError('PLATFORM_AWAY', `${url} answered ${response.status}, and not as Isotherm does`, {
      url,
    });
  };
}
