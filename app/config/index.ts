/** The one place that reads files and environment for settings; everything else is handed a value. */
export { configurationPage } from './document.ts';
export { dataDir, loadConfig } from './load.ts';
export { maskedConfig } from './mask.ts';
export {
  type Config,
  caseTargetsOf,
  configSchema,
  durationMs,
  influxOf,
  openIdSettingsOf,
  verifierKey,
  webhookSecretsOf,
  witnessAt,
} from './schema.ts';
export { settings } from './settings.ts';
export { plainEnvironment } from './surroundings.ts';
