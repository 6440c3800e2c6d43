import { Button } from '@mantine/core';
import { say } from '../text/say.ts';

/** Under the form of a register: makes a new entry, or saves the one that is edited and leaves it. */
export function FormButtons({
  create,
  isNew,
  isPending,
  onCancel,
}: {
  /** What the button says that makes a new one. */
  create: string;
  isNew: boolean;
  isPending: boolean;
  onCancel: () => void;
}) {
  return (
    <>
      <Button type="submit" loading={isPending}>
        {isNew ? create : say('admin.save')}
      </Button>
      {isNew ? null : (
        <Button variant="subtle" color="gray" onClick={onCancel}>
          {say('admin.cancel')}
        </Button>
      )}
    </>
  );
}

/** In a row of a register: takes the entry into the form, which stands at the top. @param label names the entry */
export function ChangeButton({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <Button
      variant="default"
      size="xs"
      aria-label={label}
      onClick={() => {
        onClick();
        window.scrollTo(0, 0);
      }}
    >
      {say('admin.change')}
    </Button>
  );
}
