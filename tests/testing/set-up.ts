import { afterAll } from 'vitest';
import { clearAway } from './after-file.ts';
import './patience.ts';
import './seed.ts';

/* Run before each file of tests. Registered first, so carried out after the hooks of the file. */
afterAll(clearAway);
