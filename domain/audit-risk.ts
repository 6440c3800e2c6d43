/** How much of what is relied on can hang on an entry of the audit trail. */
export const AUDIT_RISKS = ['high', 'medium', 'low'] as const;
export type AuditRisk = (typeof AUDIT_RISKS)[number];

/**
 * The risk of each action; `kind.*` is for those of a kind that are not named. High: it changes what counts as true of
 * goods, what becomes of them, who may do so, or what is kept. Medium: it changes what is expected, or who is told. Low:
 * routine that leaves what was measured and decided as it is.
 */
const ACTIONS: Readonly<Record<AuditRisk, readonly string[]>> = {
  high: [
    ...['case.*', 'decision.*', 'signature.*', 'step.*', 'disposition.*', 'goods.*'],
    ...['alert.resolve', 'alert.retract', 'alert.verdict', 'difference.settle', 'hold.release'],
    ...['readings.set-aside', 'readings.restore', 'logger-file.mapping', 'quarantine.adopt', 'quarantine.discard'],
    ...['record.replay', 'record.discard', 'rule.change', 'rule.remove', 'product.register'],
    ...['device.calibrate', 'pass.light-differs'],
    ...['user.create', 'user.role', 'user.sites', 'user.password', 'user.enable', 'user.readmit', 'user.delete'],
    ...['factor.recover', 'factor.remove', 'factor.reset', 'role.create', 'role.change', 'role.delete'],
    ...['token.create', 'credential.create', 'credential.change', 'credential.rotate', 'credential.confirm'],
    ...['partner.change', 'partner.remove', 'transaction.state', 'product.label', 'market.set'],
    ...['pack.decommission', 'pack.revert'],
    ...['organisation.change', 'retention.delete', 'retention.deleted', 'retention.files', 'audit.erase', 'ledger.*'],
  ],
  medium: [
    ...['alert.acknowledge', 'alert.change', 'alert.merge', 'alert.reopen', 'alert.snooze', 'alert.split'],
    ...['shipment.announce', 'shipment.correct', 'shipment.cancel', 'shipment.reinstate', 'shipment.close', 'hold.set'],
    ...[
      'unit.count',
      'unit.pack',
      'unit.unpack',
      'pass.photograph',
      'device.register',
      'device.attach',
      'device.create',
    ],
    ...['place.register', 'portal.register', 'events.capture', 'logger-file.take'],
    ...['user.rename', 'user.disable', 'session.refuse', 'factor.set-up', 'factor.recovery-codes'],
    ...['passkey.register', 'passkey.rename', 'passkey.remove', 'push.subscribe', 'push.unsubscribe', 'token.revoke'],
    ...['credential.revoke', 'credential.refuse', 'channel.change', 'channel.remove', 'message.discard'],
    ...['setup.skip', 'setup.take-up', 'setup.purpose'],
    ...['notice.change', 'notice.ask-address', 'notice.address'],
    ...['share.make', 'share.extend', 'share.revoke', 'record.give'],
    ...['epcis-query.*', 'epcis-subscription.*'],
    ...['directory.change', 'directory.remove'],
    ...['exception.open', 'exception.share', 'exception.unshare', 'exception.settled', 'exception.withdrawn'],
    ...['exception.say', 'exception.tell', 'exception.untold', 'partner.file', 'pack.national-answer'],
    ...['system.change', 'system.remove', 'system.file'],
    'assistant.ask',
  ],
  low: [
    ...['alert.open', 'alert.wake', 'alert.escalate', 'alert.remind', 'alert.assign', 'alert.comment'],
    ...['practice.begin', 'practice.end', 'practice.enter'],
    ...[
      'pack.verify',
      'pack.compare',
      'pack.answer',
      'return.verify',
      'session.open',
      'session.end',
      'message.send-again',
      'channel.test',
      'partner.test',
      'system.tell-again',
    ],
    ...[
      'backup.make',
      'archive.end',
      'audit.review',
      'settings.change',
      'settings.hint',
      'settings.view',
      'share.view',
      'exception.view',
    ],
  ],
};

const RISKS: ReadonlyMap<string, AuditRisk> = new Map(
  AUDIT_RISKS.flatMap((risk) => ACTIONS[risk].map((action) => [action, risk] as const)),
);

/** Whether somebody has said what this action risks. */
export function hasAuditRisk(action: string): boolean {
  return RISKS.has(action) || RISKS.has(kindOf(action));
}

/** What an action risks; high where nobody has said so, that nothing new is passed over. */
export function auditRiskOf(action: string): AuditRisk {
  return RISKS.get(action) ?? RISKS.get(kindOf(action)) ?? 'high';
}

/** The actions of a risk as they are named, for the documents. */
export function actionsOfRisk(risk: AuditRisk): readonly string[] {
  return ACTIONS[risk];
}

function kindOf(action: string): string {
  return `${action.slice(0, action.indexOf('.'))}.*`;
}
