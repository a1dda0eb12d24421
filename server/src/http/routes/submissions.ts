// The relayer for others: submissions by API key. /v1/submissions is ours; /v1/relay speaks what the wallet kits'
// clients already send ({func, auth} or {xdr}, bare or as params, one answer at the end), for use as their relayer's base URL. Requests
// without a key are served under the public key's terms, if there is one.
import { createRoute, z } from '@hono/zod-openapi';
import { type SubmissionBody, schema } from '@latchkey/sdk/api';
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { submissionAnswer } from '../../relayer/intake.ts';
import type { RelayerServices } from '../../spawn.ts';
import { challengeUse } from '../challengeUse.ts';
import { kitAnswer, kitFailure, unwrapped } from '../kitAnswers.ts';
import { inputError, problemOf, toLatchkeyError } from '../problem.ts';
import { type AppEnv, createRouter } from '../router.ts';
import { json, jsonBody, problems } from './schemas.ts';

const MAX_WAIT_SECONDS = 60;
/** Channels' client gives up after 30 seconds. */
const RELAY_WAIT_MS = 25_000;
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

export function submissionRoutes({ intake, relayer, log }: RelayerServices) {
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
      const body = await c.req.json<unknown>().catch(() => null);
      const parsed = schema.submissionRequest.safeParse(unwrapped(body));
      if (!parsed.success) throw inputError(parsed.error);
      const id = await intake.submit(key, parsed.data, challengeUse(c, parsed.data));
      const answer = kitAnswer(await settled(id, RELAY_WAIT_MS));
      return c.json(answer, answer.success ? 200 : answer.data.code === 'WAIT_TIMEOUT' ? 504 : 422);
    } catch (thrown) {
      const error = toLatchkeyError(thrown);
      const { status, requestId } = problemOf(error, c.get('requestId'));
      if (status >= 500) log.error({ requestId, err: error.cause }, 'relay failed');
      return c.json(kitFailure(error), status as 500);
    }
  }
  router.post('/v1/relay', relay);
  router.post('/v1/relay/', relay);
  return router;
}
