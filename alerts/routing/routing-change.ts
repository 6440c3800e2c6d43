import { changeYaml, InputError, isMapping, patched, readYaml, YamlFault } from '../../domain/index.ts';

/** What a form changes: one person, team or schedule. */
export interface RoutingChange {
  readonly section: 'people' | 'teams' | 'schedules';
  readonly id: string;
  /** A JSON Merge Patch (RFC 7396) of the entry as it is written: null takes a key out. Null: the entry goes. */
  readonly value: Readonly<Record<string, unknown>> | null;
}

export interface ChangedRouting {
  readonly text: string;
  /** Comments that stood in what went, as they were written: `# until May`. */
  readonly lost: readonly string[];
}

/**
 * Changes a routing as people wrote it ({@link changeYaml}). Whether it is a good routing is parseRouting's to say.
 *
 * @throws {InputError} ROUTING_FILE_BAD for what is no YAML, ROUTING_CHANGE_UNABLE where only the text itself can be changed
 */
export function changeRouting(text: string, { section, id, value }: RoutingChange): ChangedRouting {
  try {
    const patch = { [section]: { [id]: value } };
    const wanted = patched(readYaml(text) ?? {}, patch) as Record<string, unknown>;
    const left = wanted[section];
    // A section without entries is not written.
    const isLast = isMapping(left) && Object.keys(left).length === 0;
    const changed = changeYaml(text, isLast ? { [section]: null } : patch);
    if (changed !== null) return changed;
  } catch (error) {
    if (!(error instanceof YamlFault)) throw error;
    throw new InputError('ROUTING_FILE_BAD', `routing:1: not YAML: ${error.message}`, {}, error);
  }
  const message = `${section}.${id}: it is written in a way that a form cannot change (an alias repeats it, say); change it in the text`;
  throw new InputError('ROUTING_CHANGE_UNABLE', message);
}
