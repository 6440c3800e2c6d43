import { setFlagsFromString } from 'node:v8';

/**
 * Has memory of buffers that live for a moment collected by the young collection, as up to Node 22. Everything that comes in
 * is such a buffer: what a socket read, a record for the log, what is sent to PostgreSQL.
 *
 * V8 13.6 raised a default from 8 to 32, and with it the mark at which young buffers are collected from 32 MB to 128. That
 * lies above the 64 MB of outside memory that set off the collection of everything, which stops the program for a tenth of a
 * second each time and marks on other threads besides (nodejs/node #61967, #63863). A V8 that does not know
 * the flag says so on stderr and goes on.
 */
export function collectYoungBuffers(): void {
  setFlagsFromString('--scavenger-max-new-space-capacity-mb=8');
}
