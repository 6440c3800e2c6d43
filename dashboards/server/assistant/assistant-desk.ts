import { type AuditTrail, IsothermError, type Origination, type TimeSource } from '../../../domain/index.ts';
import { type Database, effectsOf } from '../../../storage/index.ts';
import { ASSISTANT_TOOLS } from '../../api/index.ts';
import type { AskInside } from '../inside.ts';
import { notFound, parsed, problemOf } from '../problems.ts';
import { answerOf, isAssistantTool } from './tool-answers.ts';

interface AssistantDeskOptions {
  /** False: nothing is answered. */
  readonly isOpen: boolean;
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly time: TimeSource;
}

/** Who asks through an assistant. */
export interface AssistantAsking {
  readonly origination: Origination;
  readonly ask: AskInside;
}

/**
 * Answers what assistants ask for people, under the right of who asks. Each call leaves an entry in the audit trail,
 * with its arguments and whether it was answered: what left the house, and for whom.
 */
export class AssistantDesk {
  readonly #options: AssistantDeskOptions;

  constructor(options: AssistantDeskOptions) {
    this.#options = options;
  }

  /** @throws {InputError} ASSISTANTS_OFF */
  requireOpen(): void {
    if (this.#options.isOpen) return;
    throw notFound('ASSISTANTS_OFF', 'assistants are not answered here; assistants.enabled lets them in');
  }

  /**
   * @throws {InputError} ASSISTANTS_OFF, TOOL_UNKNOWN, ARGUMENTS_INVALID
   * @throws {IsothermError} what the operations behind it refuse
   */
  async answer(tool: string, given: unknown, { origination, ask }: AssistantAsking): Promise<object> {
    this.requireOpen();
    if (!isAssistantTool(tool)) {
      const allowed = Object.keys(ASSISTANT_TOOLS).join(', ');
      throw notFound('TOOL_UNKNOWN', `there is no tool ${tool.slice(0, 100)}; allowed: ${allowed}`);
    }
    try {
      const input = parsed(ASSISTANT_TOOLS[tool].input, given, 'ARGUMENTS_INVALID');
      const answer = await answerOf(tool, input, ask);
      await this.#record(origination, tool, { arguments: given, answered: true });
      return answer;
    } catch (error) {
      if (!(error instanceof IsothermError)) throw error;
      await this.#record(origination, tool, { arguments: given, answered: false, refused: problemOf(error).code });
      throw error;
    }
  }

  async #record(origination: Origination, tool: string, entry: object): Promise<void> {
    const { audit, database, time } = this.#options;
    await database.transaction((client) =>
      audit.add(effectsOf(client), {
        ...origination,
        ...{ at: time.now(), action: 'assistant.ask', subject: `assistant:${tool}`, new: entry },
      }),
    );
  }
}
