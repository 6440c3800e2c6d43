import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { PortalView, ScreenInvitation } from '../../../api/index.ts';
import { segment, send } from '../ask.ts';
import { Trouble } from '../parts/States.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { Secret } from './Secret.tsx';

/** A code for the screen that hangs at this door (docs/dock.md); what it was for is among the API tokens afterwards. */
export function ConnectScreen({ door }: { door: PortalView }) {
  const mayInvite = useMay('access.manage');
  const invite = useMutation({
    mutationFn: () => send<ScreenInvitation>('POST', `/portals/${segment(door.id)}/screens`),
  });
  if (!mayInvite) return null;
  if (invite.data !== undefined) {
    const address = `${location.origin}${invite.data.path}`;
    return (
      <Secret
        title={say('doors.screen.code', { name: door.name })}
        secret={`${invite.data.code.slice(0, 4)}-${invite.data.code.slice(4)}`}
        lines={[{ name: say('doors.screen.open'), text: address }]}
        onDone={() => invite.reset()}
      />
    );
  }
  return (
    <>
      <Button
        variant="default"
        size="xs"
        loading={invite.isPending}
        aria-label={say('doors.screen.connectOf', { name: door.name })}
        onClick={() => invite.mutate()}
      >
        {say('doors.screen.connect')}
      </Button>
      <Trouble error={invite.error} />
    </>
  );
}
