/** What a new alert sounds like: two tones for a critical one, one for others. Made by the browser, no file is played. */

const TONES = { critical: [880, 660], warning: [660] } as const;
const TONE_S = 0.22;
const LOUD = 0.12;

class AlertTone {
  #context: AudioContext | null = null;

  /** Silent where the browser allows no sound yet: it wants a click or a key on the page first. */
  play(kind: keyof typeof TONES): void {
    this.#context ??= new AudioContext();
    const context = this.#context;
    void context.resume().then(() => {
      for (const [nth, pitch] of TONES[kind].entries()) beep(context, pitch, context.currentTime + nth * TONE_S);
    });
  }
}

export const alertTone = new AlertTone();

function beep(context: AudioContext, pitch: number, at: number): void {
  const tone = context.createOscillator();
  const volume = context.createGain();
  tone.frequency.value = pitch;
  volume.gain.setValueAtTime(LOUD, at);
  volume.gain.exponentialRampToValueAtTime(0.001, at + TONE_S);
  tone.connect(volume).connect(context.destination);
  tone.start(at);
  tone.stop(at + TONE_S);
}
