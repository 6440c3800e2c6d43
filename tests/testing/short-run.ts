import { isShortRun, LONG_FILES } from '../long-files.ts';

/** What a run that leaves files out says of it, first and last. */
export default function shortRun(): () => void {
  const say = () => {
    if (!isShortRun()) return;
    console.log(
      `\n${Object.keys(LONG_FILES).length} long test files are left out (tests/long-files.ts); npm run test:whole runs all`,
    );
  };
  say();
  return say;
}
