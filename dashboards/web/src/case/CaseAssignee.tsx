import { NativeSelect } from '@mantine/core';
import type { CaseView } from '../../../api/case.ts';
import { Trouble } from '../parts/States.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { useCaseAction, useCasePeople } from './case-queries.ts';

/** Who looks after the case; who may handle cases chooses somebody else. */
export function CaseAssignee({ one: { id, assignee, state } }: { one: CaseView }) {
  const mayHandle = useMay('case.handle') && state !== 'closed';
  const people = useCasePeople(mayHandle).data?.items ?? [];
  const assign = useCaseAction<{ to: string | null }>(id, '/assign');
  if (!mayHandle) return <>{assignee ?? say('case.assignee.none')}</>;
  const names = new Set([...(assignee === null ? [] : [assignee]), ...people.map(({ name }) => name)]);
  return (
    <>
      <NativeSelect
        aria-label={say('case.assignee')}
        size="xs"
        value={assign.isPending ? (assign.variables.to ?? '') : (assignee ?? '')}
        disabled={assign.isPending}
        data={[
          { value: '', label: say('case.assignee.none') },
          ...[...names].map((name) => ({ value: name, label: name })),
        ]}
        onChange={(event) => assign.mutate({ to: event.currentTarget.value === '' ? null : event.currentTarget.value })}
      />
      <Trouble error={assign.error} />
    </>
  );
}
