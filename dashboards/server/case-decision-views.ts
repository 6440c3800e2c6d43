import type { KeptDecision, KeptStep, SignatureRecord } from '../../quality/index.ts';
import { formatTime } from '../api/index.ts';

/** A decision as people see it, with what is wrong about it first. */
export function decisionView(decision: KeptDecision) {
  const { number, revision, disposition, serials, serialsHash, scope, reason, needsSecond, supersededBy } = decision;
  return {
    ...{ number, revision, disposition, serials, serialsHash, scope, reason },
    signatures: decision.signatures.map(signatureView),
    needsSecond,
    inForceSince: formatTime(decision.inForceAt),
    supersededBy,
    evidenceChanged: [...decision.broken, ...decision.evidenceChanged],
  };
}

export function stepView({ number, detail, reason, signature, undoneBy, undoes }: KeptStep) {
  const { step, ...rest } = detail;
  const times = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [key, typeof value === 'number' ? formatTime(value) : value]),
  );
  return { number, step, detail: times, reason, signature: signatureView(signature), undoneBy, undoes };
}

function signatureView({ name, role, at, meaning, method, recordHash }: SignatureRecord) {
  return { by: name, name, role, at: formatTime(at), meaning, method, recordHash };
}
