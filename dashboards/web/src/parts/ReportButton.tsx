import { Button, Progress } from '@mantine/core';
import { IconDownload, IconFileTypePdf } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type MouseEvent, useEffect, useRef } from 'react';
import { ask, askForFile } from '../ask.ts';
import { say } from '../text/say.ts';
import { count } from '../words/figures.ts';
import css from './ReportButton.module.css';
import { randomId } from './random-id.ts';
import { Failed } from './States.tsx';

/** Fewer are drawn sooner than a person wonders. */
const MANY_SERIALS = 2_000;
const LOOK_EVERY_MS = 400;

interface ReportButtonProps {
  readonly name: string;
  /** Where the report is. */
  readonly address: string;
  /** Under what name it is saved. */
  readonly file: string;
  /** That it lists. */
  readonly serials: number;
}

/**
 * Leads to a report. One that takes seconds is made beneath the button, with how far it is, and opened or saved from
 * there; a click that asks for a tab of its own gets it.
 */
export function ReportButton({ name, address, file, serials }: ReportButtonProps) {
  const stop = useRef<AbortController>(null);
  const made = useMutation({
    mutationFn: (id: string) => {
      stop.current = new AbortController();
      return askForFile(`${address}&progress=${id}`, stop.current.signal);
    },
  });
  const bytes = made.data;
  useEffect(() => () => stop.current?.abort(), []);
  useEffect(() => () => (bytes === undefined ? undefined : URL.revokeObjectURL(bytes)), [bytes]);
  const onClick = (event: MouseEvent) => {
    if (serials < MANY_SERIALS || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (!made.isPending) made.mutate(randomId());
  };
  const forget = () => {
    stop.current?.abort();
    made.reset();
  };
  return (
    <>
      <Button
        component="a"
        variant="default"
        size="compact-sm"
        leftSection={<IconFileTypePdf size={16} />}
        href={address}
        target="_blank"
        onClick={onClick}
      >
        {name}
      </Button>
      {made.isPending ? <BeingMade id={made.variables} onStop={forget} /> : null}
      {made.isError ? (
        <div className={css.under}>
          <Failed error={made.error} what={name} onRetry={() => made.mutate(randomId())} />
        </div>
      ) : null}
      {bytes === undefined ? null : (
        <div className={css.under} role="status">
          <p>{say('parts.report.made')}</p>
          <div className="buttons">
            <Button component="a" size="compact-sm" href={bytes} target="_blank">
              {say('parts.report.open')}
            </Button>
            <Button
              component="a"
              size="compact-sm"
              variant="default"
              href={bytes}
              download={file}
              leftSection={<IconDownload size={16} />}
            >
              {say('parts.report.save')}
            </Button>
            <Button size="compact-sm" variant="subtle" color="gray" onClick={forget}>
              {say('parts.report.close')}
            </Button>
          </div>
        </div>
      )}
    </>
  );
}

function BeingMade({ id, onStop }: { id: string; onStop: () => void }) {
  const { data } = useQuery({
    queryKey: ['report-progress', id],
    queryFn: ({ signal }) => ask<{ done: number; of: number }>(`/reports/progress/${id}`, {}, signal),
    refetchInterval: LOOK_EVERY_MS,
    // Not begun yet, or done by now.
    retry: false,
  });
  const isDrawn = data !== undefined && data.of > 0;
  return (
    <div className={css.under} role="status">
      <p>
        {isDrawn
          ? say('parts.report.drawn', { done: count(data.done), of: count(data.of) })
          : say('parts.report.gathered')}
      </p>
      <Progress
        value={isDrawn ? (100 * data.done) / data.of : 4}
        animated={!isDrawn}
        aria-label={say('parts.report.progress')}
      />
      <Button size="compact-sm" variant="subtle" color="gray" onClick={onStop}>
        {say('parts.report.stop')}
      </Button>
    </div>
  );
}
