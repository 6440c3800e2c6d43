import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { AUDIT_RISKS, actionsOfRisk, auditRiskOf, hasAuditRisk } from './audit-risk.ts';

const PAGE = readFileSync(new URL('../docs/audit.md', import.meta.url), 'utf8');

test('every action of the audit trail has its risk', () => {
  const rows = PAGE.split('## What nobody').at(0)?.split('## Who looked').at(0) ?? '';
  const actions = rows.split('\n').flatMap((row) => {
    const [, , cell = ''] = row.split('|');
    let kind = '';
    return [...cell.matchAll(/`([a-z-]*)(\.[a-z-]+)`/g)].map(([, named = '', verb = '']) => {
      if (named !== '') kind = named;
      return kind + verb;
    });
  });
  expect(actions.length).toBeGreaterThan(60);
  expect(actions.filter((action) => !hasAuditRisk(action))).toEqual([]);
});

test.each(AUDIT_RISKS)('the page names the actions of %s risk', (risk) => {
  const cell = PAGE.split('\n').find((row) => row.startsWith(`| ${risk} |`)) ?? '';
  const named = [...cell.matchAll(/`([^`]+)`/g)].map(([, action]) => action);
  expect(named.sort()).toEqual([...actionsOfRisk(risk)].sort());
});

test('an action that nobody has rated is high, so that nothing new is passed over', () => {
  expect(auditRiskOf('wormhole.open')).toBe('high');
  expect(auditRiskOf('decision.sign')).toBe('high');
  expect(auditRiskOf('session.open')).toBe('low');
});
