import { settings } from './settings.ts';

/** docs/configuration.md, written from the schema: `node app/config/document.ts > docs/configuration.md`. */
export function configurationPage(): string {
  const rows = settings.map((setting) => {
    const fallback =
      setting.default === undefined || setting.default === null ? '–' : `\`${JSON.stringify(setting.default)}\``;
    return `| \`${setting.key}\` | \`${setting.env}\` | ${fallback} | ${setting.about} Allowed: ${setting.allowed}. |`;
  });
  return `# Configuration

Defaults, then \`isotherm.yaml\` in the working directory (or \`--config FILE\`), then the environment; the later wins.
A wrong value stops the program with exit code 2 and one line: where it was given, the key, the value, what is allowed.
\`isotherm config\` prints what is in force, with secrets masked. This page is written from the schema in
\`app/config/schema.ts\`; a test keeps the two the same.

| key | environment | default | meaning |
|---|---|---|---|
${rows.join('\n')}
`;
}

if (import.meta.main) process.stdout.write(configurationPage());
