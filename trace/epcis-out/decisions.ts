import type { EpcisEvent } from '../../codecs/epcis/index.ts';
import type { DecisionFact, Disposition } from '../../domain/index.ts';
import type { Publication } from './publish.ts';

/** CBV 2.0, 7.1 and 7.2. What is to be destroyed is not destroyed yet: it is non-conformant, and set apart. */
const WORDS: Readonly<Record<Disposition, { readonly bizStep: string; readonly disposition: string }>> = {
  release: { bizStep: 'inspecting', disposition: 'conformant' },
  quarantine: { bizStep: 'holding', disposition: 'non_sellable_other' },
  reject: { bizStep: 'inspecting', disposition: 'non_conformant' },
  return: { bizStep: 'holding', disposition: 'returned' },
  destroy: { bizStep: 'holding', disposition: 'non_conformant' },
};

/** What is published of a signed decision on goods. @param position of its fact in the log */
export function decided({ at, disposition, epcs }: DecisionFact, position: number): Publication {
  const event: EpcisEvent = {
    type: 'ObjectEvent',
    ...{ eventTime: new Date(at).toISOString(), eventTimeZoneOffset: '+00:00' },
    ...{ epcList: [...new Set(epcs)].sort(), action: 'OBSERVE', ...WORDS[disposition] },
  };
  return { source: `fact:${position}`, events: new Map(epcs.length === 0 ? [] : [['decision', event]]) };
}
