import { Router } from 'express';
import type { RuleVersion } from '../../../domain/index.ts';
import { formatTime, pageQuery, type RuleView } from '../../api/index.ts';
import { allow } from '../identity.ts';
import { pageOf } from '../paging.ts';
import { parsed } from '../problems.ts';
import { ruleText } from '../rule-text.ts';
import type { Services } from '../services.ts';

/** The rules in force and those before them. */
export function ruleRoutes({ accounts, directory }: Services): Router {
  const router = Router();

  router.get('/rules', allow(accounts, 'signed in'), async (request, response) => {
    const { rules } = await directory.registered();
    const byId = Map.groupBy(rules.values(), ({ rule }) => rule.id);
    const views = [...byId.values()].flatMap((versions) => ruleView(versions) ?? []);
    response.json(pageOf(views, ({ id }) => id, parsed(pageQuery, request.query, 'QUERY_INVALID')));
  });

  return router;
}

function ruleView(given: readonly RuleVersion[]): RuleView | null {
  const versions = given.toSorted((a, b) => a.version - b.version);
  const latest = versions.at(-1);
  if (latest === undefined) return null;
  const { id, kind, severity } = latest.rule;
  return {
    ...{ id, kind, severity, version: latest.version },
    versions: versions.map(({ version, effectiveFrom, isRemoved = false, rule }) => ({
      ...{ version, effectiveFrom: formatTime(effectiveFrom), isRemoved },
      ...{ text: ruleText(rule), rule: { ...rule } },
    })),
  };
}
