import { useState } from 'react';
import type { RoutingView } from '../../../api/index.ts';
import { say } from '../text/say.ts';
import { EntryForm } from './EntryForm.tsx';
import { NamesField } from './NamesField.tsx';
import type { RoutingDraft } from './routing-draft.ts';

interface TeamFormProps {
  readonly team: RoutingView['teams'][number] | null;
  readonly draft: RoutingDraft;
  readonly onDone: () => void;
}

/** Several people, all of whom are told. */
export function TeamForm({ team, draft, onDone }: TeamFormProps) {
  const [id, setId] = useState(team?.id ?? '');
  const [members, setMembers] = useState<readonly string[]>(team?.members ?? []);
  return (
    <EntryForm
      section="teams"
      title={team === null ? say('routing.teams.add') : say('routing.teams.change', { id })}
      {...{ draft, id, onDone }}
      {...(team === null && { onId: setId })}
      before={team === null ? null : { members: team.members }}
      after={{ members }}
    >
      <NamesField
        label={say('routing.teams.members')}
        among={draft.parts?.people.map((person) => person.id) ?? []}
        value={members}
        onChange={setMembers}
      />
    </EntryForm>
  );
}
