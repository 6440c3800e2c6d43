import type { z } from 'zod';
import {
  ASSISTANT_TOOLS,
  type AssistantToolName,
  alertOperations,
  caseOperations,
  laneOperations,
  readingOperations,
  recallOperations,
  ruleOperations,
  searchOperations,
  serialOperations,
  shipmentOperations,
} from '../../api/index.ts';
import type { AskInside } from '../inside.ts';
import { lotsTouched } from './lots-touched.ts';

type InputOf<Name extends AssistantToolName> = z.output<(typeof ASSISTANT_TOOLS)[Name]['input']>;
type Answers = { readonly [Name in AssistantToolName]: (input: InputOf<Name>, ask: AskInside) => Promise<object> };

const listed = (several: readonly string[] | undefined) => (several?.length ? { state: several.join(',') } : {});

/** What answers each tool: the API's own operations, with what fills a screen but no sentence left out. */
const ANSWERS: Answers = {
  search: ({ query }, ask) => ask(searchOperations.find, { query: { q: query } }),
  list_shipments: ({ query: q, isOpen, ...query }, ask) =>
    ask(shipmentOperations.list, { query: { ...query, q, show: isOpen ? 'open' : 'all' } }),
  get_shipment: (parameters, ask) => ask(shipmentOperations.get, { parameters }),
  list_alerts: async ({ states, severities, ...query }, ask) =>
    ask(alertOperations.list, {
      query: { ...query, ...listed(states), ...(severities?.length && { severity: severities.join(',') }) },
    }),
  get_alert: async (parameters, ask) => {
    const { evidence, ...alert } = await ask(alertOperations.get, { parameters });
    // The readings are drawn, not read; `get_readings` has them.
    const { readings: _, ...explained } = evidence;
    return { ...alert, evidence: explained };
  },
  alert_serials: ({ id, ...query }, ask) => ask(alertOperations.serials, { parameters: { id }, query }),
  lots_touched: lotsTouched,
  get_serial: (parameters, ask) => ask(serialOperations.get, { parameters }),
  recall: (query, ask) => ask(recallOperations.find, { query }),
  list_verifications: (query, ask) => ask(recallOperations.verifications, { query }),
  list_lanes: (query, ask) => ask(laneOperations.list, { query }),
  list_cases: ({ states, ...query }, ask) => ask(caseOperations.list, { query: { ...query, ...listed(states) } }),
  get_case: (parameters, ask) => ask(caseOperations.get, { parameters }),
  get_readings: (query, ask) => ask(readingOperations.list, { query }),
  list_rules: (query, ask) => ask(ruleOperations.list, { query }),
  get_rule: (parameters, ask) => ask(ruleOperations.get, { parameters }),
};

/** Whether there is such a tool. */
export function isAssistantTool(name: string): name is AssistantToolName {
  return Object.hasOwn(ASSISTANT_TOOLS, name);
}

/** @param input checked against the tool's own schema */
export function answerOf(name: AssistantToolName, input: unknown, ask: AskInside): Promise<object> {
  const answer = ANSWERS[name] as (input: unknown, ask: AskInside) => Promise<object>;
  return answer(input, ask);
}
