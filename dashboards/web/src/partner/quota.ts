const MIB = 1024 * 1024;
const UNITS = [
  ['TiB', MIB * MIB],
  ['GiB', 1024 * MIB],
  ['MiB', MIB],
  ['KiB', 1024],
] as const;

/** Bytes as people compare them: 256 MiB, 1.5 KiB, 17 bytes. */
export function bytesText(bytes: number): string {
  const found = UNITS.find(([, size]) => bytes >= size);
  if (found === undefined) return `${bytes} bytes`;
  const [unit, size] = found;
  return `${Math.round((bytes / size) * 10) / 10}\u00a0${unit}`;
}

/** Whole MiB of bytes, at least one. */
export function mebibytes(bytes: number): number {
  return Math.max(1, Math.round(bytes / MIB));
}

export function bytesOf(mebibytes: number): number {
  return mebibytes * MIB;
}
