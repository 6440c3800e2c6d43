import { settings } from './settings.ts';

/** docs/configuration.md, written from the schema: `node app/config/document.ts > docs/configuration.md`. */
export function configurationPage(): string {
  const rows = settings.map((setting) => {
    const fallback =
      setting.default === undefined || setting.default === null ? '–' : `\`${JSON.stringify(setting.default)}\``;
    const env = setting.isSecret ? `\`${setting.env}\` (\`_FILE\`)` : `\`${setting.env}\``;
    return `| \`${setting.key}\` | ${env} | ${fallback} | ${setting.about} Allowed: ${setting.allowed}. |`;
  });
  return `# Configuration

Defaults, then \`isotherm.yaml\` in the working directory (or \`--config FILE\`), then the environment; the later wins.
A wrong value stops the program with exit code 2 and one line: where it was given, the key, the value, what is allowed.
Where the environment says (\`_FILE\`), the name with \`_FILE\` behind it may give the path of a file that holds the value, as Docker and
Kubernetes lay secrets: \`DATABASE_URL_FILE=/run/secrets/database_url\`; a line end at its end is not of it.
\`isotherm config\` prints what is in force, with secrets masked. This page is written from the schema in
\`app/config/schema.ts\`; a test keeps the two the same.

| key | environment | default | meaning |
|---|---|---|---|
${rows.join('\n')}
`;
}

if (import.meta.main) process.stdout.write(configurationPage());
