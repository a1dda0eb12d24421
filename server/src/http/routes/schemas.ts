// Building blocks of the route descriptions: JSON in, JSON out, problem details for everything that goes wrong.
import type { z } from '@hono/zod-openapi';
import { schema } from '@latchkey/sdk/api';

export function jsonBody<S extends z.ZodType>(bodySchema: S) {
  return { body: { required: true, content: { 'application/json': { schema: bodySchema } } } } as const;
}

export function json<S extends z.ZodType>(description: string, bodySchema: S) {
  return { description, content: { 'application/json': { schema: bodySchema } } } as const;
}

export const problems = {
  default: {
    description: 'problem details (RFC 9457) with a stable code',
    content: { 'application/problem+json': { schema: schema.problemSchema } },
  },
} as const;
