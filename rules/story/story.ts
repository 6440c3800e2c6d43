import type { Finding, KeyReadings, Rule, StateChange } from '../../domain/index.ts';
import { freezeThawStory, intervalStory, shockStory, silenceStory } from './events.ts';
import { StoryReadings } from './readings.ts';
import { thresholdStory } from './threshold.ts';
import { forecastStory, mktStory, rateStory } from './trends.ts';

/** As many as a person reads; of more the first and the last half are told. */
const MOST_CHANGES = 200;

/**
 * How a finding came to be what it is: what each reading that mattered changed, in words. A pure function of the finding,
 * the version of the rule that found it and the key's readings around it; the engine keeps nothing for it.
 *
 * @param readings the key's, ascending: those in the finding, the first after it, and before it what the kind looks back on
 * @returns by time
 */
export function storyOf(finding: Finding, rule: Rule, readings: KeyReadings): StateChange[] {
  const changes = [...changesOf(finding, rule, new StoryReadings(readings))].sort((a, b) => a.at - b.at);
  if (changes.length <= MOST_CHANGES) return changes;
  return [...changes.slice(0, MOST_CHANGES / 2), ...changes.slice(-MOST_CHANGES / 2)];
}

function changesOf(finding: Finding, rule: Rule, readings: StoryReadings): Iterable<StateChange> {
  switch (rule.kind) {
    case 'threshold':
      return thresholdStory(finding, rule, readings);
    case 'silence':
      return silenceStory(finding, rule, readings);
    case 'mkt':
      return mktStory(finding, rule, readings);
    case 'rate':
      return rateStory(finding, rule, readings);
    case 'shock':
      return shockStory(finding, rule, readings);
    case 'interval':
      return intervalStory(finding, rule, readings);
    case 'freezeThaw':
      return freezeThawStory(finding, rule, readings);
    case 'forecast':
      return forecastStory(finding, rule, readings);
    case 'unexpected':
      return passStory(finding, 'that no shipment expects there');
    case 'blocked':
      return passStory(finding, 'that may not move on');
    default:
      return [];
  }
}

function passStory({ from, portal }: Finding, which: string): StateChange[] {
  const serials = portal?.epcs.length ?? 0;
  const text = `${serials} ${serials === 1 ? 'serial' : 'serials'} in this pass ${which}: an alert.`;
  return [{ at: from, what: 'opened', value: serials, text }];
}
