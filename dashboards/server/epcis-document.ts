import type { EpcisEventRecord } from '../../trace/index.ts';
import { formatTime } from '../api/index.ts';

const CONTEXT = 'https://ref.gs1.org/standards/epcis/epcis-context.jsonld';

/** A prefix that means one thing for all stands in the document's context, else in the event's. */
export function queryDocument(records: readonly EpcisEventRecord[], now: number) {
  const shared = new Map<string, string>();
  const urls = new Set<string>();
  const eventList = records.map(({ event, context, recordTime }) => {
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
    return { ...event, ...(!isShared && { '@context': own }), recordTime: formatTime(recordTime) };
  });
  return {
    '@context': [CONTEXT, ...urls, ...(shared.size === 0 ? [] : [Object.fromEntries(shared)])],
    ...{ type: 'EPCISQueryDocument', schemaVersion: '2.0', creationDate: formatTime(now) },
    epcisBody: { queryResults: { queryName: 'SimpleEventQuery', resultsBody: { eventList } } },
  };
}

/** XML writes a namespace as it is, JSON-LD with the sign that separates it from the name. */
function bare(namespace: string): string {
  return namespace.replace(/[/#]$/, '');
}
