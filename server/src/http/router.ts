// The router every group of routes is built on: it refuses malformed input the same way everywhere.
import { OpenAPIHono } from '@hono/zod-openapi';
import { inputError } from './problem.ts';

export type AppEnv = {
  Variables: { requestId: string };
  Bindings: { incoming?: { socket?: { remoteAddress?: string } } };
};
export type App = OpenAPIHono<AppEnv>;

const defaultHook = (result: { success: boolean; error?: unknown }) => {
  if (!result.success) throw inputError(result.error as Parameters<typeof inputError>[0]);
};

/** A router that refuses malformed input the same way everywhere. */
export function createRouter(): App {
  return new OpenAPIHono<AppEnv>({ defaultHook: defaultHook as never });
}
