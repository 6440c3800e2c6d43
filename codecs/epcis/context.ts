/**
 * Prefixes that a JSON-LD context declares itself: `"ext": "https://..."` or `"ext": {"@id": "https://..."}`, in an object
 * or in a list of such (JSON-LD 1.1, 4.1). Contexts that are named by URL are not here.
 */
export function prefixesOf(context: unknown): (readonly [prefix: string, namespace: string])[] {
  return (Array.isArray(context) ? context : [context]).filter(isObject).flatMap((entry) =>
    Object.entries(entry).flatMap(([prefix, term]): (readonly [string, string])[] => {
      const namespace = isObject(term) ? term['@id'] : term;
      return typeof namespace === 'string' && !prefix.startsWith('@') ? [[prefix, namespace]] : [];
    }),
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
