import { withBareWords } from '../../codecs/epcis/index.ts';
import type { EpcisEventRecord } from './queries.ts';

/** GS1's own context, by which JSON-LD knows the words of the standard. */
export const EPCIS_CONTEXT_URL = 'https://ref.gs1.org/standards/epcis/epcis-context.jsonld';

/** What the answer to a query says beside its events. */
export interface QueryAnswer {
  /** epoch ms UTC. */
  readonly now: number;
  readonly queryName?: string;
  /** Of the subscription that it is sent for. */
  readonly subscriptionID?: string;
}

/** A prefix that means one thing for all stands in the document's context, else in the event's. */
export function queryDocument(
  records: readonly EpcisEventRecord[],
  { now, queryName = 'SimpleEventQuery', subscriptionID }: QueryAnswer,
) {
  const shared = new Map<string, string>();
  const urls = new Set<string>();
  const eventList = records.map(({ event: captured, context, recordTime }) => {
    const event = withBareWords(captured);
    const own: Record<string, string> = {};
    for (const entry of context) {
      if (typeof entry === 'string') urls.add(entry);
      else {
        for (const [prefix, namespace] of Object.entries(entry)) {
          const before = shared.get(prefix);
          if (before === undefined) shared.set(prefix, namespace);
          else if (bare(before) !== bare(namespace)) own[prefix] = namespace;
        }
      }
    }
    const isShared = Object.keys(own).length === 0 || event['@context'] !== undefined;
    return { ...event, ...(!isShared && { '@context': own }), recordTime: new Date(recordTime).toISOString() };
  });
  return {
    '@context': [EPCIS_CONTEXT_URL, ...urls, ...(shared.size === 0 ? [] : [Object.fromEntries(shared)])],
    ...{ type: 'EPCISQueryDocument', schemaVersion: '2.0', creationDate: new Date(now).toISOString() },
    epcisBody: {
      queryResults: { queryName, ...(subscriptionID !== undefined && { subscriptionID }), resultsBody: { eventList } },
    },
  };
}

/** XML writes a namespace as it is, JSON-LD with the sign that separates it from the name. */
function bare(namespace: string): string {
  return namespace.replace(/[/#]$/, '');
}
