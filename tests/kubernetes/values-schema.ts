import { settings } from '../../app/config/index.ts';

/*
 * What the values of the Helm chart may be, with the variables of the configuration:
 * `node tests/kubernetes/values-schema.ts > deploy/helm/isotherm/values.schema.json`.
 */

/** Given by the chart itself, or leading to what a pod has not. */
const BY_THE_CHART = new Set([
  ...['DATABASE_URL', 'DATABASE_OWNER_URL', 'DATABASE_READ_URL', 'ISOTHERM_SECRETS_KEY', 'ISOTHERM_HTTP_MONITOR_TOKEN'],
  ...['ISOTHERM_HTTP_HOST', 'ISOTHERM_HTTP_PORT', 'ISOTHERM_MQTT_HOST', 'ISOTHERM_MQTT_PORT', 'ISOTHERM_MQTT_TLS_PORT'],
  ...['ISOTHERM_PRACTICE_ENABLED', 'ISOTHERM_PRACTICE_PORT', 'ISOTHERM_PRACTICE_URL', 'ISOTHERM_DATA_DIR'],
]);

type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: 'string' };
const flag: Schema = { type: 'boolean' };
const map: Schema = { type: 'object' };
const key: Schema = { type: 'string', pattern: '^[A-Za-z0-9._-]*$' };
const neededKey: Schema = { type: 'string', pattern: '^[A-Za-z0-9._-]+$' };
const strings: Schema = { type: 'object', additionalProperties: { type: 'string' } };
const port: Schema = { type: 'integer', minimum: 1, maximum: 65_535 };
const serviceType: Schema = { enum: ['ClusterIP', 'NodePort', 'LoadBalancer'] };

const closed = (properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema => ({
  type: 'object',
  additionalProperties: false,
  properties,
  ...(required.length > 0 && { required }),
});
const seconds = (minimum: number): Schema => ({ type: 'integer', minimum });
const list = (items: Schema): Schema => ({ type: 'array', items });

/** A part's name, and what of `serve --only` it runs. */
const part = closed(
  { only: { type: 'string', minLength: 1 }, replicas: { type: 'integer', minimum: 0 }, resources: map },
  ['only', 'replicas', 'resources'],
);
/** Twice it has not been tried. */

export function valuesSchema(): string {
  const variables = (isSecret: boolean) =>
    settings.filter((one) => one.isSecret === isSecret && !BY_THE_CHART.has(one.env)).map(({ env }) => env);
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Values of the chart isotherm; written by tests/kubernetes/values-schema.ts',
    ...closed({
      image: closed({ repository: text, tag: text, pullPolicy: { enum: ['Always', 'IfNotPresent', 'Never'] } }),
      imagePullSecrets: list(map),
      secret: closed(
        {
          name: { ...text, minLength: 1 },
          keys: closed({
            ...{ databaseUrl: neededKey, secretsKey: neededKey },
            ...{ monitorToken: key, databaseReadUrl: key, databaseOwnerUrl: key },
          }),
          more: { type: 'object', propertyNames: { enum: variables(true) }, additionalProperties: neededKey },
        },
        ['name'],
      ),
      settings: {
        type: 'object',
        propertyNames: { enum: variables(false) },
        additionalProperties: { type: ['string', 'number', 'boolean'] },
      },
      migrate: closed({
        enabled: flag,
        activeDeadlineSeconds: seconds(60),
        firstAdmin: closed({ name: text, passwordKey: neededKey }),
      }),
      parts: { type: 'object', additionalProperties: part },
      probes: closed({ startupSeconds: seconds(30), livenessSeconds: seconds(30) }),
      terminationGracePeriodSeconds: seconds(30),
      preStopSeconds: { type: 'integer', minimum: 0, maximum: 25 },
      service: closed({
        web: closed({ type: serviceType, port, annotations: strings }),
        mqtt: closed({
          type: serviceType,
          port,
          tlsPort: { ...port, type: ['integer', 'null'] },
          annotations: strings,
        }),
      }),
      tls: closed({ secretName: text }),
      ingress: closed({ enabled: flag, className: text, host: text, tlsSecretName: text, annotations: strings }),
      networkPolicy: closed({ enabled: flag, webFrom: list(map), mqttFrom: list(map), egressTo: list(map) }),
      podDisruptionBudget: closed({ enabled: flag }),
      serviceAccount: closed({ annotations: strings }),
      podAnnotations: strings,
      nodeSelector: strings,
      tolerations: list(map),
      global: map,
    }),
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

if (import.meta.main) process.stdout.write(valuesSchema());
