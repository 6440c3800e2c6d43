/**
 * An Isotherm process reduced to its embedded PostgreSQL, for tests that kill it:
 * `node embedded-process.ts DATA_DIR [PACKAGE_DIR]` prints `{"url","pid"}` or `{"code","message"}` as one JSON line, and
 * runs until SIGTERM.
 */
import { IsothermError, systemTime } from '../../domain/index.ts';
import { startEmbeddedPostgres } from '../embedded/server.ts';

const [dataDir = '', packageDir] = process.argv.slice(2);
try {
  const server = await startEmbeddedPostgres({ dataDir, time: systemTime, ...(packageDir && { packageDir }) });
  console.log(JSON.stringify({ url: server.url, pid: server.pid }));
  process.once('SIGTERM', () => void server.stop());
} catch (error) {
  if (!(error instanceof IsothermError)) throw error;
  console.log(JSON.stringify({ code: error.code, message: error.message }));
}
