import type { AlertDetail, StateChangeView } from '../../../api/index.ts';
import { When } from '../parts/When.tsx';
import { say } from '../text/say.ts';
import { together, told } from '../words/figures.ts';
import css from './AlertStory.module.css';

/** How it came about, reading by reading: what a person would point at on the chart, in words. */
export function AlertStory({ alert }: { alert: AlertDetail }) {
  const { changes } = alert.evidence;
  if (changes.length === 0) return null;
  return (
    <section className="panel section" aria-labelledby="story">
      <h2 id="story">{say('alert.howItCameAbout')}</h2>
      <ol className={css.story}>
        {changes.map((change) => (
          <li key={`${change.at} ${change.what}`} className={css[`story-${toneOf(change)}`]}>
            <When at={change.at} />
            <span>{storyText(alert, change)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** How fast something changed is a difference, and so is how far the furthest lay beyond. */
function storyText({ kind, subject }: AlertDetail, { what, text }: StateChangeView): string {
  if (kind === 'rate' || (subject.metric !== undefined && subject.metric !== 'temperature')) return together(text);
  return told(text, what === 'furthest' ? 1 : undefined);
}

/** Which colour it is told in: that of what is true from then on. */
function toneOf({ what }: StateChangeView): 'excursion' | 'fine' | 'unknown' | 'plain' {
  switch (what) {
    case 'opened':
    case 'extended':
    case 'reached':
      return 'excursion';
    case 'recovered':
    case 'heard':
      return 'fine';
    case 'gap':
    case 'unknown':
      return 'unknown';
    default:
      return 'plain';
  }
}
