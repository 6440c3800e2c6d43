/**
 * Milliseconds of processor time this thread has used, both user's and system's. What a measurement of one core counts:
 * other programs on the machine do not make it slower, but for what they take of its caches.
 */
export function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
