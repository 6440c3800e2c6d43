import { Button, Textarea } from '@mantine/core';
import { IconDeviceFloppy, IconEye, IconTrash } from '@tabler/icons-react';
import { useNavigate } from 'react-router';
import type { RulePreview, TriedFinding } from '../../../api/index.ts';
import { AnswerError } from '../ask.ts';
import { When } from '../parts/When.tsx';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import { count } from '../words/figures.ts';
import { findingWords, idOf, obstacleOf } from '../words/rule.ts';
import { RuleForm } from './RuleForm.tsx';
import css from './rule.module.css';
import { type RuleEdit, useRulePreview, useSaveRule } from './rule-queries.ts';

interface RuleEditorProps {
  readonly text: string;
  readonly onText: (text: string) => void;
  /** The latest version as it stands, and its number; 0 = a new rule. */
  readonly source: string;
  readonly seen: number;
  readonly isGone: boolean;
  /** Whether the text as it stands was tried on the past. */
  readonly isTried: boolean;
  readonly onTry: () => void;
}

/** The rule by form and as a file writes it, one beside the other. What a change would do is looked at before it is made. */
export function RuleEditor({ text, onText, source, seen, isGone, isTried, onTry }: RuleEditorProps) {
  const navigate = useNavigate();
  const preview = useRulePreview();
  const save = useSaveRule();
  const id = idOf(text);
  const edit = (change: Partial<RuleEdit> = {}): RuleEdit => ({ id: id ?? '', text, seen, ...change });
  const shown = preview.variables;
  const isPreviewOfThis = shown !== undefined && (shown.text === text || shown.text === null);
  const isChanged = text !== source || isGone;
  const error = save.error ?? preview.error;
  const obstacle = obstacleOf(text, isChanged);

  function write(given: string) {
    onText(given);
    save.reset();
  }

  function change(given: RuleEdit) {
    save.mutate(given, { onSuccess: () => void navigate(`/rules/${encodeURIComponent(given.id)}`) });
  }

  return (
    <section className="panel section" aria-labelledby="edit">
      <h2 id="edit">{seen === 0 ? say('rule.whatToWatchFor') : say('rule.changeIt')}</h2>
      <div className={css.ruleHands}>
        <RuleForm text={text} onText={write} />
        <div>
          <h3>{say('rule.form.yaml')}</h3>
          <Textarea
            autosize
            minRows={8}
            maxRows={40}
            spellCheck={false}
            aria-label={say('rule.ruleInYaml')}
            aria-invalid={error !== null}
            classNames={{ input: css.ruleInput ?? '' }}
            value={text}
            onChange={(event) => write(event.currentTarget.value)}
          />
        </div>
      </div>
      <p id="edit-obstacle" className={obstacle?.isWrong ? 'trouble' : 'muted'} role="status">
        {obstacle?.text}
      </p>
      <Mistakes error={error} />
      {isChanged && obstacle === null ? (
        <p className={isTried ? 'muted' : css.ruleWarning} role="status">
          {isTried ? say('rule.tried') : say('rule.notTried')}{' '}
          {isTried ? null : (
            <Button variant="subtle" size="compact-sm" onClick={onTry}>
              {say('rule.tryFirst')}
            </Button>
          )}
        </p>
      ) : null}
      <div className={`buttons ${css.ruleButtons}`}>
        <Button
          variant={isPreviewOfThis && preview.isSuccess ? 'default' : 'filled'}
          leftSection={<IconEye size={17} stroke={1.6} />}
          loading={preview.isPending}
          disabled={id === null}
          aria-describedby="edit-obstacle"
          onClick={() => preview.mutate(edit())}
        >
          {say('rule.seeWhatWouldChange')}
        </Button>
        <Button
          variant={isPreviewOfThis && preview.isSuccess ? 'filled' : 'default'}
          leftSection={<IconDeviceFloppy size={17} stroke={1.6} />}
          loading={save.isPending}
          disabled={obstacle !== null}
          aria-describedby="edit-obstacle"
          onClick={() => change(edit())}
        >
          {say('rule.saveAsVersion', { value: seen + 1 })}
        </Button>
        {seen === 0 || isGone ? null : (
          <Button
            variant="subtle"
            color="red"
            leftSection={<IconTrash size={17} stroke={1.6} />}
            disabled={preview.isPending}
            onClick={() => preview.mutate(edit({ text: null, id: idOf(source) ?? '' }))}
          >
            {say('rule.remove')}
          </Button>
        )}
      </div>
      {isPreviewOfThis && preview.data !== undefined ? (
        <Preview preview={preview.data}>
          {preview.data.isRemoved ? (
            <Button
              color="red"
              loading={save.isPending}
              onClick={() => change(edit({ text: null, id: idOf(source) ?? '' }))}
            >
              {say('rule.removeItFromNowOn')}
            </Button>
          ) : null}
        </Preview>
      ) : null}
    </section>
  );
}

function Mistakes({ error }: { error: Error | null }) {
  if (error === null) return null;
  const errors = error instanceof AnswerError ? (error.problem?.errors ?? []) : [];
  const isLate = error instanceof AnswerError && error.status === 409;
  const lines = errors.length > 0 ? errors.map(({ message }) => message) : [error.message];
  return (
    <div role="alert" className={css.ruleMistakes}>
      <p className="strong">{isLate ? say('rule.somebodyChangedThisRuleIn') : say('rule.thisRuleCannotBeUsed')}</p>
      <ul>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      {isLate ? null : <p className="muted">{say('rule.theRuleInForceGoes')}</p>}
    </div>
  );
}

function Preview({ preview, children }: { preview: RulePreview; children: React.ReactNode }) {
  const { opens, closes, keeps, changes, serials, warnings, keys } = preview;
  const isSame = opens.length + closes.length + changes.length === 0;
  const isChanged = new Set(changes.map(({ key, from }) => `${key} ${from}`));
  return (
    <div className={css.rulePreview} role="status">
      {warnings.map((warning) => (
        <p key={warning} className={css.ruleWarning}>
          {warning}
        </p>
      ))}
      <h3>{isSame ? say('rule.nothingThatIsRunningNow') : say('rule.ifItJudgedNow')}</h3>
      <Group name={say('rule.wouldBeRaised')} tone="excursion" findings={opens} />
      <Group name={say('rule.wouldEnd')} tone="inRange" findings={closes} />
      <Group name={say('rule.wouldChange')} tone="warning" findings={changes} />
      <Group
        name={say('rule.wouldGoOn')}
        tone="unknown"
        findings={keeps.filter(({ key, from }) => !isChanged.has(`${key} ${from}`))}
      />
      {serials.before === 0 && serials.after === 0 ? null : (
        <p>{say('rule.serialsRunning', { before: serialsText(serials.before), after: serialsText(serials.after) })}</p>
      )}
      <p className="muted">
        <Say
          text="rule.lookedAtOfSeriesSince"
          values={{
            judged: count(keys.judged),
            all: count(keys.all),
            of: keys.of,
            when: <When at={preview.from} />,
            before: count(preview.found.before),
            after: count(preview.found.after),
          }}
        />
      </p>
      {children}
    </div>
  );
}

/** One by its number, that words may follow it. */
function serialsText(serials: number | null): string {
  if (serials === null) return 'many';
  return serials === 1 ? 'one' : count(serials);
}

const MOST_SHOWN = 8;

function Group({ name, tone, findings }: { name: string; tone: string; findings: readonly TriedFinding[] }) {
  if (findings.length === 0) return null;
  return (
    <div>
      <p className={`strong ink-${tone}`}>
        {count(findings.length)} {name}
      </p>
      <ul className={css.ruleFound}>
        {findings.slice(0, MOST_SHOWN).map((finding) => (
          <li key={`${finding.key} ${finding.from}`}>
            <span>{finding.key}</span>
            <span className="muted figure">
              <Say text="rule.since" values={{ when: <When at={finding.from} />, finding: findingWords(finding) }} />
            </span>
          </li>
        ))}
      </ul>
      {findings.length > MOST_SHOWN ? (
        <p className="muted">{say('rule.andMore', { count: count(findings.length - MOST_SHOWN) })}</p>
      ) : null}
    </div>
  );
}
