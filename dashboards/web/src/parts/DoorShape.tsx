import type { ReactNode } from 'react';

export type DoorShapeName = 'ready' | 'reading' | 'pass' | 'settled' | 'check' | 'stop';

/** Of what a door says each has a shape of its own, the same on every screen: nobody has to see colour. */
export function DoorShape({ state, className }: { state: DoorShapeName; className: string | undefined }) {
  return (
    <svg className={className} viewBox="0 0 48 48" stroke="currentColor" aria-hidden="true">
      {SHAPES[state]}
    </svg>
  );
}

const RING = <circle cx="24" cy="24" r="21" fill="none" strokeWidth="4" />;
const TICK = <path d="M14 25l7 7 14-15" fill="none" strokeWidth="5" strokeLinecap="round" strokeLinejoin="round" />;

const SHAPES: Readonly<Record<DoorShapeName, ReactNode>> = {
  ready: <path d="M8 44V6h32v38M24 14v20M16 27l8 8 8-8" fill="none" strokeWidth="4" strokeLinejoin="round" />,
  reading: (
    <path
      d="M24 40v.1M15 31a13 13 0 0 1 18 0M8 23a23 23 0 0 1 32 0"
      fill="none"
      strokeWidth="5"
      strokeLinecap="round"
    />
  ),
  pass: (
    <>
      {RING}
      {TICK}
    </>
  ),
  settled: (
    <>
      <rect x="4" y="4" width="40" height="40" rx="6" fill="none" strokeWidth="4" />
      {TICK}
    </>
  ),
  check: (
    <>
      <path d="M24 4 45 43H3z" fill="none" strokeWidth="4" strokeLinejoin="round" />
      <path d="M24 18v11M24 36v.1" fill="none" strokeWidth="5" strokeLinecap="round" />
    </>
  ),
  stop: (
    <>
      <path d="M15 3h18l12 12v18L33 45H15L3 33V15z" fill="none" strokeWidth="4" strokeLinejoin="round" />
      <path d="M14 24h20" fill="none" strokeWidth="6" strokeLinecap="round" />
    </>
  ),
};
