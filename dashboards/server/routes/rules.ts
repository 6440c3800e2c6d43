import express, { type Request, Router } from 'express';
import type { RuleVersion } from '../../../domain/index.ts';
import { writeRule } from '../../../rules/index.ts';
import {
  backtestInput,
  formatTime,
  pageQuery,
  type RuleChanged,
  type RuleView,
  ruleChangeQuery,
  ruleInput,
} from '../../api/index.ts';
import { type Registered, type RuleAuthor, ruleKey } from '../directory.ts';
import { allow, identityOf } from '../identity.ts';
import { pageOf } from '../paging.ts';
import { parameter } from '../parameter.ts';
import { parsed } from '../problems.ts';
import { keepBody, receivedFrom } from '../received.ts';
import { ruleText } from '../rule-text.ts';
import { sendBacktest } from '../send-backtest.ts';
import type { Services } from '../services.ts';
import { readableBody } from '../text-door.ts';

/** The rules in force and those before them, and what people make of them. */
export function ruleRoutes({ accounts, backtestCommands, directory, ruleCommands }: Services): Router {
  const router = Router();
  const anyone = allow(accounts, 'records.read');
  const makers = allow(accounts, 'rules.change');
  const yaml = express.text({ type: 'application/yaml', limit: '1mb', verify: keepBody });

  router.get('/rules', anyone, async (request, response) => {
    const registered = await directory.registered();
    const byId = Map.groupBy(registered.rules.values(), ({ rule }) => rule.id);
    const views = [...byId.values()].flatMap((versions) => ruleView(versions, registered) ?? []);
    response.json(pageOf(views, ({ id }) => id, parsed(pageQuery, request.query, 'QUERY_INVALID')));
  });

  router.get('/rules/:id', anyone, async (request, response) => {
    const versions = await ruleCommands.versions(parameter(request, 'id'));
    response.json(ruleView(versions, await directory.registered()));
  });

  router.put('/rules/:id', makers, yaml, readableBody, async (request, response) => {
    const given: unknown = request.body;
    const text = typeof given === 'string' ? given : JSON.stringify(parsed(ruleInput, given, 'BODY_INVALID'));
    await change(request, response, text);
  });

  router.delete('/rules/:id', makers, async (request, response) => {
    await change(request, response, null);
  });

  router.post('/rules/backtest', makers, async (request, response) => {
    await sendBacktest(backtestCommands.run(parsed(backtestInput, request.body, 'BODY_INVALID')), request, response);
  });

  async function change(request: Request, response: express.Response, text: string | null): Promise<void> {
    const id = parameter(request, 'id');
    const { dryRun, version: seen } = parsed(ruleChangeQuery, request.query, 'QUERY_INVALID');
    if (dryRun === 'true') {
      response.json(await ruleCommands.preview({ id, text, seen }));
      return;
    }
    const { isApplied, warnings } = await ruleCommands.change(
      { id, text, seen },
      identityOf(request).name,
      receivedFrom(request),
    );
    const view = ruleView(await ruleCommands.versions(id), await directory.registered());
    if (isApplied && view !== null) response.json({ ...view, warnings: [...warnings] } satisfies RuleChanged);
    else
      response
        .status(202)
        .location(`/api/v1/rules/${encodeURIComponent(id)}`)
        .end();
  }

  return router;
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
