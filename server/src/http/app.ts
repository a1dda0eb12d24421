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
import type { RateLimits } from '../auth/rateLimits.ts';
import type { RelayerServices, Services } from '../spawn.ts';
import type { IndexerServices } from '../spawnIndexer.ts';
import { problemOf, toLatchkeyError } from './problem.ts';
import { type App, type AppEnv, createRouter } from './router.ts';
import { devInboxRoutes } from './routes/devInbox.ts';
import { healthRoutes } from './routes/health.ts';
import { lookupRoutes } from './routes/lookups.ts';
import { indexerOperationRoutes, operationRoutes } from './routes/operations.ts';
import { recoveryRoutes } from './routes/recovery.ts';
import { settlementRoutes } from './routes/settlement.ts';
import { submissionRoutes } from './routes/submissions.ts';
import { transferRoutes } from './routes/transfers.ts';
import { walletRoutes } from './routes/wallets.ts';
import { webhookRoutes } from './routes/webhooks.ts';
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

function rateLimit(limits: RateLimits, points: number, trustedProxies: number): MiddlewareHandler<AppEnv> {
  const limit = limits.create({ name: 'client', points, durationSeconds: 60 });
  return async (c, next) => {
    await limit.consume(clientAddress(c, trustedProxies));
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

/** What the ledger says is for every page to read; everything else is for the wallet's own. */
const PUBLIC_PATH = /^\/api\/(?:stats$|lookup\/|contract\/|wallet\/C[A-Z2-7]{55}(?:\/|$))/;

/** The routes that answer from the indexer's tables. */
function indexerRoutes(services: IndexerServices): App[] {
  const { config, webhooks } = services;
  const isManaged = config.adminToken !== null && webhooks !== null;
  return [
    lookupRoutes(services),
    ...(isManaged ? [webhookRoutes(webhooks.endpoints, config.adminToken!)] : []),
  ];
}

/** @param webDir folder of the built web wallet, served beside the API; null for the API alone */
export function createApp(services: Services, webDir: string | null): App {
  const { config, mailer } = services;
  const routes = [
    healthRoutes(services),
    operationRoutes(services),
    submissionRoutes(services),
    walletRoutes(services),
    transferRoutes(services),
    recoveryRoutes(services),
    ...(services.settlement ? settlementRoutes(services.settlement, config.adminToken, services.log) : []),
    ...indexerRoutes(services),
    ...(mailer.inbox ? [devInboxRoutes(mailer.inbox)] : []),
  ];
  return assemble(routes as App[], services, { origin: config.relyingParty.origin, webDir });
}

/** Submissions by API key alone. */
export function createRelayerApp(services: RelayerServices): App {
  const routes = [operationRoutes(services), submissionRoutes(services)];
  return assemble(routes as App[], services, { origin: null, webDir: null });
}

/** The look-ups and webhooks alone. */
export function createIndexerApp(services: IndexerServices): App {
  const routes = [indexerOperationRoutes(services), ...indexerRoutes(services)];
  return assemble(routes, services, { origin: null, webDir: null });
}

function assemble(
  routes: App[],
  services: Pick<IndexerServices, 'config' | 'log' | 'rateLimits'>,
  { origin, webDir }: { origin: string | null; webDir: string | null },
): App {
  const { config, log, rateLimits } = services;
  const app = createRouter();
  app.use(requestLog(log));
  const policyOf = (path: string) =>
    webDir || path.startsWith('/dev/') ? pageContentPolicy : { defaultSrc: ["'none'"] };
  app.use((c, next) => secureHeaders({ contentSecurityPolicy: policyOf(c.req.path) })(c, next));
  app.use(
    '/api/*',
    cors({
      origin: (_, c) => (PUBLIC_PATH.test(c.req.path) ? '*' : origin),
      allowHeaders: ['authorization', 'content-type', 'idempotency-key', 'x-recovery-code'],
      exposeHeaders: ['x-request-id', 'retry-after'],
    }),
    rateLimit(rateLimits, config.requestsPerMinute, config.trustedProxies),
    bodyLimits(),
  );
  // Keys travel in a header that no page sends by itself, so any page may call.
  app.use(
    '/v1/*',
    cors({ origin: '*', allowHeaders: ['authorization', 'content-type', 'idempotency-key'] }),
    rateLimit(rateLimits, config.requestsPerMinute, config.trustedProxies),
    bodyLimits(),
  );
  for (const path of ['/api/*', '/v1/*']) {
    app.use(path, async (c, next) => {
      await next();
      c.header('cache-control', 'no-store');
    });
  }
  app.onError((error, c) => answerError(log, c, error));

  for (const routesOfOne of routes) app.route('/', routesOfOne);
  app.doc31('/api/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'Latchkey', version: '0.1.0', description: 'Passkey smart wallets on Stellar.' },
  });

  // What smart-account-kit's indexer client takes for a sign of life; a browser gets the page.
  app.get('/', (c, next) =>
    c.req.header('accept') === 'application/json' ? Promise.resolve(c.json({ status: 'ok' })) : next(),
  );

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
