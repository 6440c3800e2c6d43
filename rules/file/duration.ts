export { DURATION_FORM, formatDuration, parseDuration } from '../../domain/index.ts';
