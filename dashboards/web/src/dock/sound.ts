import { useCallback, useEffect, useRef, useState } from 'react';
import type { DoorState } from './door-state.ts';

const KEPT = 'isotherm-dock-sound';

/** Frequency, Hz, and length, ms, of each tone. Rising: good. Falling: look. Low and long: stop. */
const TONES: Readonly<Partial<Record<DoorState, readonly (readonly [number, number])[]>>> = {
  pass: [
    [660, 140],
    [990, 220],
  ],
  settled: [
    [660, 140],
    [990, 220],
  ],
  check: [
    [740, 200],
    [520, 200],
    [740, 200],
    [520, 300],
  ],
  stop: [
    [240, 600],
    [240, 600],
  ],
};

export interface Sound {
  readonly isOn: boolean;
  /** The browser lets no page be heard before it was touched. */
  readonly needsTouch: boolean;
  readonly toggle: () => void;
  readonly play: (state: DoorState) => void;
}

/** The sounds of a verdict, made here: there is no file to load. Muted or not is kept with the screen. */
export function useSound(): Sound {
  const context = useRef<AudioContext | null>(null);
  const [isOn, setOn] = useState(() => localStorage.getItem(KEPT) !== 'off');
  const [isRunning, setRunning] = useState(false);

  useEffect(() => {
    const audio = new AudioContext();
    context.current = audio;
    const see = () => setRunning(audio.state === 'running');
    const wake = () => void audio.resume().then(see, see);
    audio.addEventListener('statechange', see);
    see();
    document.addEventListener('pointerdown', wake);
    document.addEventListener('keydown', wake);
    return () => {
      document.removeEventListener('pointerdown', wake);
      document.removeEventListener('keydown', wake);
      context.current = null;
      void audio.close();
    };
  }, []);

  const play = useCallback(
    (state: DoorState) => {
      const audio = context.current;
      if (audio === null || !isOn || audio.state !== 'running') return;
      let at = audio.currentTime;
      for (const [frequency, ms] of TONES[state] ?? []) {
        tone(audio, frequency, at, ms / 1_000);
        at += ms / 1_000;
      }
    },
    [isOn],
  );
  const toggle = useCallback(() => {
    setOn((was) => {
      localStorage.setItem(KEPT, was ? 'off' : 'on');
      return !was;
    });
  }, []);
  return { isOn, needsTouch: isOn && !isRunning, toggle, play };
}

function tone(audio: AudioContext, frequency: number, at: number, seconds: number): void {
  const source = audio.createOscillator();
  const volume = audio.createGain();
  source.frequency.value = frequency;
  // Without a ramp the speaker clicks.
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.5, at + 0.01);
  volume.gain.setValueAtTime(0.5, at + seconds - 0.03);
  volume.gain.linearRampToValueAtTime(0, at + seconds);
  source.connect(volume).connect(audio.destination);
  source.start(at);
  source.stop(at + seconds);
}
