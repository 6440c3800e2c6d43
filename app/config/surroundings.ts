/** What any program needs of its surroundings; no setting and no secret of this one is among it. */
const PLAIN = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'TZ', 'NODE_COMPILE_CACHE', 'NODE_V8_COVERAGE'] as const;

/** The environment of a process that is to know nothing of this installation. */
export function plainEnvironment(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    PLAIN.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
