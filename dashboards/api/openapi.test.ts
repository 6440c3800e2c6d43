import { expect, test } from 'vitest';
import { openApiDocument } from './index.ts';

const document = openApiDocument('0.0.0') as {
  paths: Record<string, Record<string, unknown>>;
  components: { schemas: Record<string, unknown> };
};

test('every reference in the document points to a schema that is there', () => {
  const references = JSON.stringify(document).match(/#\/components\/schemas\/\w+/g) ?? [];
  expect(references.length).toBeGreaterThan(20);
  const missing = references.filter(
    (reference) => !(reference.slice('#/components/schemas/'.length) in document.components.schemas),
  );
  expect(missing).toEqual([]);
});

test('operations have names of their own', () => {
  const ids = Object.values(document.paths).flatMap((methods) =>
    Object.values(methods).map((operation) => (operation as { operationId: string }).operationId),
  );
  expect(new Set(ids).size).toBe(ids.length);
});
