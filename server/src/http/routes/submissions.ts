// The relayer for others: submissions by API key. /v1/submissions is ours; /v1/relay speaks what the wallet kits'
// clients already send ({func, auth} or {xdr}, one answer at the end), for use as their relayer's base URL. Requests
// without a key are served under the public key's terms, if there is one.
import { createRoute, z } from '@hono/zod-openapi';
import { LatchkeyError, type SubmissionBody, schema } from '@latchkey/sdk/api';
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { submissionAnswer } from '../../relayer/intake.ts';
import type { Services } from '../../spawn.ts';
import { challengeUse } from '../challengeUse.ts';
import { problemOf, toLatchkeyError } from '../problem.ts';
import { type AppEnv, createRouter } from '../router.ts';
import { json, jsonBody, problems } from './schemas.ts';

const MAX_WAIT_SECONDS = 60;
const RELAY_WAIT_MS = 30_000;
/** A stream ends after this long; the client opens it again. */
const MAX_STREAM_MS = 5 * 60_000;
const STREAM_STEP_MS = 1_000;

const waitQuery = z.object({
  wait: z.coerce
    .number()
    .min(0)
    .max(MAX_WAIT_SECONDS)
    .optional()
    .describe('seconds to wait for the outcome before answering'),
});
const idParam = z.object({ id: z.uuid() });

const submit = createRoute({
  method: 'post',
  path: '/v1/submissions',
  request: { ...jsonBody(schema.submissionRequest), query: waitQuery },
  responses: {
    200: json('confirmed or failed', schema.submissionBody),
    202: json('on its way: ask for its status, or repeat with the same key', schema.submissionBody),
    ...problems,
  },
});

const status = createRoute({
  method: 'get',
  path: '/v1/submissions/{id}',
  request: { params: idParam, query: waitQuery },
  responses: { 200: json('how it went so far', schema.submissionBody), ...problems },
});

const isSettled = ({ status }: SubmissionBody) => status === 'confirmed' || status === 'failed';

export function submissionRoutes({ intake, relayer, log }: Services) {
  const keyOf = (c: Context<AppEnv>) => intake.keyOf(c.req.header('authorization'));
  const settled = async (id: string, waitMs: number) => submissionAnswer(await relayer.settled(id, waitMs));

  const router = createRouter()
    .openapi(submit, async (c) => {
      const key = await keyOf(c);
      const body = c.req.valid('json');
      const id = await intake.submit(key, body, challengeUse(c, body));
      const answer = await settled(id, (c.req.valid('query').wait ?? 0) * 1000);
      return isSettled(answer) ? c.json(answer, 200) : c.json(answer, 202);
    })
    .openapi(status, async (c) => {
      const { id } = await intake.submission(await keyOf(c), c.req.valid('param').id);
      return c.json(await settled(id, (c.req.valid('query').wait ?? 0) * 1000), 200);
    });

  router.get('/v1/submissions/:id/events', async (c) => {
    const { id } = await intake.submission(await keyOf(c), c.req.param('id'));
    return streamSSE(c, async (stream) => {
      const until = performance.now() + MAX_STREAM_MS;
      let told = '';
      while (!stream.aborted && performance.now() < until) {
        const answer = await settled(id, told === '' ? 0 : STREAM_STEP_MS);
        const data = JSON.stringify(answer);
        if (data !== told) await stream.writeSSE({ event: 'submission', data });
        told = data;
        if (isSettled(answer)) return;
      }
    });
  });

  /** As the kits' clients read it: whether it worked, and what went wrong in words. */
  async function relay(c: Context<AppEnv>): Promise<Response> {
    try {
      const key = await keyOf(c);
      const parsed = schema.submissionRequest.safeParse(await c.req.json().catch(() => null));
      if (!parsed.success) {
        const message = parsed.error.issues[0]?.message ?? 'The request is not in the expected form.';
        throw new LatchkeyError('INVALID_REQUEST', { message });
      }
      const id = await intake.submit(key, parsed.data, challengeUse(c, parsed.data));
      const { status, hash, error } = await settled(id, RELAY_WAIT_MS);
      const data = { transactionId: id, hash, status };
      if (error)
        return c.json({ success: false, data: { ...data, code: error.code }, error: error.message }, 422);
      return c.json({ success: true, data, error: null });
    } catch (thrown) {
      const error = toLatchkeyError(thrown);
      const problem = problemOf(error, c.get('requestId'));
      if (problem.status >= 500)
        log.error({ requestId: problem.requestId, err: error.cause }, 'relay failed');
      const data = { code: problem.code, ...(problem.rule ? { rule: problem.rule } : {}) };
      return c.json({ success: false, data, error: problem.detail }, problem.status as 500);
    }
  }
  router.post('/v1/relay', relay);
  router.post('/v1/relay/', relay);
  return router;
}
