// One delivery by Standard Webhooks: what is posted, how long an answer is waited for, what counts as taken, when the next
// try is due. Redirects are not followed, bodies of answers are not read. Where requests may go is the transport's to hold.

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** How long after each try the next one comes, as Standard Webhooks suggests: more than two days in all. */
export const RETRY_DELAYS_MS = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];
export const WEBHOOK_TIMEOUT_MS = 15 * SECOND_MS;
const MAX_ANSWER_CHARS = 200;
const GONE = 410;

/** `isGone`: the receiver says that it wants no more. */
export type WebhookAnswer = { isTaken: boolean; isGone: boolean; text: string };

export type WebhookTransport = (
  url: string,
  headers: Record<string, string>,
  body: string,
) => Promise<WebhookAnswer>;

export function answerOf(status: number): WebhookAnswer {
  return { isTaken: status >= 200 && status < 300, isGone: status === GONE, text: `HTTP ${status}` };
}

export function noAnswer(error: unknown): WebhookAnswer {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : 'no answer';
  return { isTaken: false, isGone: false, text: text.slice(0, MAX_ANSWER_CHARS) };
}

/** To wherever the URL says: for endpoints that whoever runs the server has chosen. */
export function createFetchTransport(doFetch: typeof fetch = fetch): WebhookTransport {
  return async (url, headers, body) => {
    try {
      const response = await doFetch(url, {
        method: 'POST',
        headers,
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(WEBHOOK_TIMEOUT_MS),
      });
      await response.body?.cancel();
      return answerOf(response.status);
    } catch (error) {
      return noAnswer(error);
    }
  };
}
