import { DefectError, type RuleVersion } from '../../../domain/index.ts';
import { ruleKindFields, writeRule } from '../../../rules/index.ts';
import { formatTime, type RuleView, ruleOperations } from '../../api/index.ts';
import { accepted, ok, SENT } from '../answer.ts';
import { type Registered, type RuleAuthor, ruleKey } from '../directory.ts';
import { type Asked, mount } from '../mount.ts';
import { pageById } from '../paging.ts';
import { draftRule } from '../rule-draft.ts';
import { ruleText } from '../rule-text.ts';
import { sendBacktest } from '../send-backtest.ts';
import type { Services } from '../services.ts';

/** The rules in force and those before them, and what people make of them. */
export function ruleRoutes({ backtestCommands, directory, ruleCommands }: Services) {
  return [
    mount(ruleOperations.list, async ({ query }) => {
      const registered = await directory.registered();
      const byId = Map.groupBy(registered.rules.values(), ({ rule }) => rule.id);
      const views = [...byId.values()].flatMap((versions) => ruleView(versions, registered) ?? []);
      return ok(pageById(views, ({ id }) => id, query));
    }),

    // Before `/rules/:id`, which takes any name.
    mount(ruleOperations.kinds, async () => {
      const kinds = ruleKindFields().map(({ kind, fields }) => ({
        kind,
        fields: fields.map(({ options, ...field }) => ({ ...field, ...(options && { options: [...options] }) })),
      }));
      return ok({ items: kinds });
    }),

    mount(ruleOperations.draft, async ({ body: { text, change } }) => ok(draftRule(text, change))),

    mount(ruleOperations.get, async ({ parameters: { id } }) => {
      return ok(await viewOf(id));
    }),

    mount(ruleOperations.put, async (asked) => {
      const { body } = asked;
      return change(asked, typeof body === 'string' ? body : JSON.stringify(body));
    }),

    mount(ruleOperations.remove, async (asked) => change(asked, null)),

    mount(ruleOperations.backtest, async ({ body, request, response }) => {
      await sendBacktest(backtestCommands.run(body), request, response);
      return SENT;
    }),
  ];

  async function change(asked: Asked<typeof ruleOperations.remove | typeof ruleOperations.put>, text: string | null) {
    const { id } = asked.parameters;
    const { dryRun, version: seen } = asked.query;
    if (dryRun === 'true') return ok(await ruleCommands.preview({ id, text, seen }));
    const { isApplied, warnings } = await ruleCommands.change({ id, text, seen }, asked.identity.name, asked.received);
    return isApplied
      ? ok({ ...(await viewOf(id)), warnings: [...warnings] })
      : accepted(`/api/v1/rules/${encodeURIComponent(id)}`);
  }

  /** @throws {InputError} RULE_UNKNOWN */
  async function viewOf(id: string): Promise<RuleView> {
    const view = ruleView(await ruleCommands.versions(id), await directory.registered());
    if (view === null) throw new DefectError('RULE_WITHOUT_VERSION', `rule ${id} has no version`);
    return view;
  }
}

function ruleView(given: readonly RuleVersion[], { ruleAuthors }: Pick<Registered, 'ruleAuthors'>): RuleView | null {
  const versions = given.toSorted((a, b) => a.version - b.version);
  const latest = versions.at(-1);
  if (latest === undefined) return null;
  const { id, kind, severity } = latest.rule;
  return {
    ...{ id, kind, severity, version: latest.version },
    versions: versions.map(({ version, effectiveFrom, isRemoved = false, rule }) => ({
      ...{ version, effectiveFrom: formatTime(effectiveFrom), isRemoved },
      ...authorOf(ruleAuthors.get(ruleKey(rule.id, version))),
      ...{ text: ruleText(rule), rule: { ...rule }, source: writeRule(rule) },
    })),
  };
}

function authorOf(author: RuleAuthor | undefined): { by: string | null; at: string | null } {
  return author === undefined ? { by: null, at: null } : { by: author.by, at: formatTime(author.at) };
}
