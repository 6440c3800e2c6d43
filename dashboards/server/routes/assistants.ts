import { assistantOperations } from '../../api/index.ts';
import { ok, SENT } from '../answer.ts';
import type { AssistantDesk } from '../assistant/assistant-desk.ts';
import type { McpDoor } from '../assistant/mcp-door.ts';
import type { InsideFor } from '../inside.ts';
import { mount } from '../mount.ts';

interface AssistantRoutes {
  readonly desk: AssistantDesk;
  readonly insideFor: InsideFor;
}

/** The tools of assistants, one at a time: what `isotherm mcp` asks. */
export function assistantRoutes({ desk, insideFor }: AssistantRoutes) {
  return [
    mount(assistantOperations.ask, async ({ origination, parameters, body, request, response }) => {
      const ask = insideFor(request, response);
      const given = typeof body === 'string' ? {} : body.arguments;
      return ok({ ...(await desk.answer(parameters.tool, given, { origination, ask })) });
    }),
  ];
}

/** The door of assistants that speak their own protocol. */
export function mcpRoutes({ desk, door, insideFor }: AssistantRoutes & { readonly door: McpDoor }) {
  return [
    mount(
      assistantOperations.mcp,
      async ({ origination, body, request, response }) => {
        const ask = insideFor(request, response);
        await door.answer({ origination, ask }, { payload: body, request, response });
        return SENT;
      },
      async () => desk.requireOpen(),
    ),
  ];
}
