import { PROFILES, type Rule } from '../../domain/index.ts';
import { limitsOf } from './rule-limits.ts';

/** Warmer than any storage profile by this much, and a limit is probably written in another unit. °C. */
const BEYOND_PROFILE = 15;
/** Profiles of shipping indicators: WHO's own alarms lie far above what the goods are kept at. */
const INDICATORS: ReadonlySet<string> = new Set(['WHO-type-I', 'WHO-type-II']);

/**
 * Warns where a temperature limit looks like degrees Fahrenheit: for a rule that names a storage profile, a limit far
 * warmer than the profile's that would be near it if it were °F (46 on a 2-8 °C product is 7.8 °C).
 *
 * @returns `file:line: ...`, or null where nothing looks odd
 */
export function unitWarning(
  { rule, line }: { readonly rule: Rule; readonly line: number },
  file: string,
): string | null {
  if (!('metric' in rule) || rule.metric !== 'temperature' || rule.appliesTo === undefined) return null;
  const profile = PROFILES.find(({ id }) => rule.appliesTo?.includes(`"${id}"`) || rule.appliesTo?.includes(`'${id}'`));
  const max = profile?.max ?? null;
  if (profile === undefined || max === null || INDICATORS.has(profile.id)) return null;
  for (const [key, limit] of Object.entries(limitsOf(rule))) {
    if (limit === undefined || limit <= max + BEYOND_PROFILE) continue;
    const celsius = (limit - 32) / 1.8;
    if (celsius > max + BEYOND_PROFILE) continue;
    const rounded = Math.round(celsius * 10) / 10;
    return `${file}:${line}: ${rule.id}.${key}: ${limit} °C on ${profile.id} (up to ${max} °C); if ${limit} °F is meant, write ${rounded}`;
  }
  return null;
}
