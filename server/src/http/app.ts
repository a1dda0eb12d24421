// The HTTP application: limits, request ids, log lines, CORS, routes, and the one place where errors become answers.
// Log lines name the route's pattern, never the path, query, headers or body: those carry e-mail addresses, codes and
// tokens. Authentication is the routes' own business.
import { LatchkeyError } from '@latchkey/sdk/api';
import type { Context, MiddlewareHandler } from 'hono';
import { compress } from 'hono/compress';
import { cors } from 'hono/cors';
import { matchedRoutes } from 'hono/route';
import { secureHeaders } from 'hono/secure-headers';
import type { Logger } from 'pino';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Services } from '../spawn.ts';
import { problemOf, toLatchkeyError } from './problem.ts';
import { type App, type AppEnv, createRouter } from './router.ts';
import { devInboxRoutes } from './routes/devInbox.ts';
import { healthRoutes } from './routes/health.ts';
import { recoveryRoutes } from './routes/recovery.ts';
import { transferRoutes } from './routes/transfers.ts';
import { walletRoutes } from './routes/wallets.ts';
import { webFiles } from './webFiles.ts';

const MAX_BODY_BYTES = 64 * 1024;

function bodyLimits(): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    if (c.req.method === 'POST') {
      const length = c.req.header('content-length');
      if (length === undefined) throw new LatchkeyError('LENGTH_REQUIRED');
      if (!/^\d+$/.test(length) || Number(length) > MAX_BODY_BYTES) throw new LatchkeyError('BODY_TOO_LARGE');
      if (!/^application\/json\b/i.test(c.req.header('content-type') ?? ''))
        throw new LatchkeyError('UNSUPPORTED_MEDIA_TYPE');
    }
    await next();
  };
}

/** The client's address: the socket's, or what the outermost trusted proxy saw. */
function clientAddress(c: Context<AppEnv>, trustedProxies: number): string {
  const forwarded = (c.req.header('x-forwarded-for') ?? '').split(',').map((it) => it.trim());
  const seen = trustedProxies > 0 ? forwarded.at(-trustedProxies) : undefined;
  return seen || (c.env.incoming?.socket?.remoteAddress ?? 'local');
}

function rateLimit(requestsPerMinute: number, trustedProxies: number): MiddlewareHandler<AppEnv> {
  const limiter = new RateLimiterMemory({ points: requestsPerMinute, duration: 60 });
  return async (c, next) => {
    try {
      await limiter.consume(clientAddress(c, trustedProxies));
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      throw new LatchkeyError('RATE_LIMITED', {
        details: { retryAfterSeconds: Math.ceil(refused.msBeforeNext / 1000) },
      });
    }
    await next();
  };
}

function requestLog(log: Logger): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const startedAt = performance.now();
    const requestId = crypto.randomUUID();
    c.set('requestId', requestId);
    c.header('x-request-id', requestId);
    await next();
    const route = matchedRoutes(c).findLast((it) => !it.path.includes('*'))?.path ?? 'unmatched';
    const ms = Math.round(performance.now() - startedAt);
    log.info({ requestId, method: c.req.method, route, status: c.res.status, ms }, 'request');
  };
}

function answerError(log: Logger, c: Context<AppEnv>, thrown: unknown): Response {
  const error = toLatchkeyError(thrown);
  const requestId = c.get('requestId') ?? crypto.randomUUID();
  const problem = problemOf(error, requestId);
  if (problem.status >= 500) log.error({ requestId, code: error.code, err: error.cause }, 'request failed');
  const retryAfter = error.details?.retryAfterSeconds;
  if (typeof retryAfter === 'number') c.header('retry-after', String(retryAfter));
  return c.body(JSON.stringify(problem), problem.status as 500, {
    'content-type': 'application/problem+json',
  });
}

/** @param webDir folder of the built web wallet, served beside the API; null for the API alone */
export function createApp(services: Services, webDir: string | null): App {
  const { config, log, mailer } = services;
  const app = createRouter();
  app.use(requestLog(log));
  const policyOf = (path: string) =>
    webDir || path.startsWith('/dev/') ? pageContentPolicy : { defaultSrc: ["'none'"] };
  app.use((c, next) => secureHeaders({ contentSecurityPolicy: policyOf(c.req.path) })(c, next));
  app.use(
    '/api/*',
    cors({
      origin: config.relyingParty.origin,
      allowHeaders: ['authorization', 'content-type', 'idempotency-key', 'x-recovery-code'],
      exposeHeaders: ['x-request-id', 'retry-after'],
    }),
    rateLimit(config.requestsPerMinute, config.trustedProxies),
    bodyLimits(),
  );
  app.use('/api/*', async (c, next) => {
    await next();
    c.header('cache-control', 'no-store');
  });
  app.onError((error, c) => answerError(log, c, error));

  app.route('/', healthRoutes(services));
  app.route('/', walletRoutes(services));
  app.route('/', transferRoutes(services));
  app.route('/', recoveryRoutes(services));
  if (mailer.inbox) app.route('/', devInboxRoutes(mailer.inbox));
  app.doc31('/api/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'Latchkey', version: '0.1.0', description: 'Passkey smart wallets on Stellar.' },
  });

  const known = new Map<string, Set<string>>();
  for (const { method, path } of app.routes) {
    if (method !== 'ALL') known.set(path, (known.get(path) ?? new Set()).add(method));
  }
  const matches = (pattern: string, path: string) =>
    new RegExp(`^${pattern.replaceAll(/:[^/{]+(\{[^}]*\})?/g, '[^/]+')}$`).test(path);
  if (webDir) app.get('*', compress(), webFiles(webDir));
  app.notFound((c) => {
    const methods = [...known]
      .filter(([pattern]) => matches(pattern, c.req.path))
      .flatMap(([, set]) => [...set]);
    if (methods.length > 0) c.header('allow', methods.join(', '));
    return answerError(log, c, new LatchkeyError(methods.length > 0 ? 'METHOD_NOT_ALLOWED' : 'NOT_FOUND'));
  });
  return app;
}

const pageContentPolicy = {
  defaultSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", 'data:'],
  objectSrc: ["'none'"],
  baseUri: ["'none'"],
  frameAncestors: ["'none'"],
};
