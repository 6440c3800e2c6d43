import { serverText } from '../../domain/index.ts';
import { type DirectoryEntry, isSaleable, type ReturnVerification } from '../../partners/index.ts';
import { type DirectoryEntryView, formatTime, type ReturnVerificationView } from '../api/index.ts';

/** A returned pack as people and programs see it. */
export function returnView({ id, at, pack, data, findings, ...one }: ReturnVerification): ReturnVerificationView {
  return {
    ...{ ...one, id: String(id), at: formatTime(at), pack: { ...pack } },
    data: data === null ? null : { ...data },
    findings: findings.map((finding) => ({ ...finding })),
    saleable: isSaleable({ data, findings, outcome: one.outcome }),
    sentence: sentenceOf({ data, findings, ...one }),
  };
}

export function directoryView({ changedAt, ...entry }: DirectoryEntry): DirectoryEntryView {
  return { ...entry, changedAt: formatTime(changedAt) };
}

/** What came of it and what to do now. */
function sentenceOf(one: Pick<ReturnVerification, 'outcome' | 'data' | 'findings' | 'fault'>): string {
  const { outcome, data, findings, fault } = one;
  if (outcome === 'asked') return serverText('return.asked');
  if (outcome === 'unanswered') return serverText('return.unanswered', { fault: fault ?? '' });
  if (outcome === 'not verified') {
    return serverText('return.not-verified', { why: data?.verificationFailureReason ?? 'none' });
  }
  if (isSaleable(one)) return serverText('return.verified');
  const reason = findings.find(({ stops }) => stops)?.reason;
  const info = data?.additionalInfo;
  if (info !== undefined && info !== 'ExpirationExtended') return serverText('return.verified.info', { info });
  return serverText('return.verified.here', { reason: reason ?? '' });
}
