// Who may act for a merchant: the authenticator app, API keys, and webhooks that are told. A secret is in an answer once,
// and is kept nowhere here.
import type {
  ApiKeyScope,
  CreatedMerchantKeyBody,
  CreatedMerchantWebhookBody,
  MerchantKeyBody,
  MerchantMessageBody,
  MerchantSessionBody,
  MerchantWebhookBody,
} from '../api/settlementSchema.ts';
import { type Connection, MERCHANT_PATH, type StepUp } from './connection.ts';

export function accessCalls({ api, signedIn, stepUp, replaceSession }: Connection) {
  return {
    /** @param how where there is an app already, whose place the new one takes once it is confirmed */
    setUpAuthenticator: (how?: StepUp) =>
      signedIn(async () => {
        const proof = how === undefined ? {} : await stepUp('set-up-totp', {}, how);
        return api.post<{ secret: string; otpauthUrl: string }>(`${MERCHANT_PATH}/totp`, proof);
      }),

    confirmAuthenticator: (totp: string) =>
      signedIn(async () => {
        const confirm = () => api.post<MerchantSessionBody>(`${MERCHANT_PATH}/totp/confirm`, { totp });
        await replaceSession(confirm, (session) => session);
      }),

    /** Ends this session too. */
    signOutEverywhere: () =>
      signedIn(async () => void (await api.post<unknown>(`${MERCHANT_PATH}/sign-out-everywhere`, {}))),

    apiKeys: () =>
      signedIn(async () => {
        const { apiKeys } = await api.get<{ apiKeys: MerchantKeyBody[] }>(`${MERCHANT_PATH}/api-keys`);
        return apiKeys;
      }),

    createApiKey: (key: { name: string; scopes: ApiKeyScope[] }, how: StepUp) =>
      signedIn(async () => {
        const proof = await stepUp('create-api-key', key, how);
        return api.post<CreatedMerchantKeyBody>(`${MERCHANT_PATH}/api-keys`, { ...key, ...proof });
      }),

    rotateApiKey: (id: string, how: StepUp) =>
      signedIn(async () => {
        const proof = await stepUp('create-api-key', { id }, how);
        const path = `${MERCHANT_PATH}/api-keys/${encodeURIComponent(id)}/rotate`;
        return api.post<CreatedMerchantKeyBody>(path, proof);
      }),

    revokeApiKey: (id: string) =>
      signedIn(
        async () =>
          void (await api.post<unknown>(`${MERCHANT_PATH}/api-keys/${encodeURIComponent(id)}/revoke`, {})),
      ),

    webhooks: () =>
      signedIn(async () => {
        const { endpoints } = await api.get<{ endpoints: MerchantWebhookBody[] }>(
          `${MERCHANT_PATH}/webhooks`,
        );
        return endpoints;
      }),

    addWebhook: (webhook: { url: string; scheme: 'hmac' | 'ed25519' }, how: StepUp) =>
      signedIn(async () => {
        const proof = await stepUp('set-webhook', webhook, how);
        return api.post<CreatedMerchantWebhookBody>(`${MERCHANT_PATH}/webhooks`, { ...webhook, ...proof });
      }),

    webhookMessages: (id: string) =>
      signedIn(async () => {
        const path = `${MERCHANT_PATH}/webhooks/${encodeURIComponent(id)}/messages`;
        return (await api.get<{ messages: MerchantMessageBody[] }>(path)).messages;
      }),

    /** Sends what it was told since then once more. @returns how many messages */
    replayWebhook: (id: string, sinceMs: number) =>
      signedIn(async () => {
        const path = `${MERCHANT_PATH}/webhooks/${encodeURIComponent(id)}/replay`;
        return (await api.post<{ messages: number }>(path, { since: sinceMs })).messages;
      }),

    removeWebhook: (id: string) =>
      signedIn(
        async () =>
          void (await api.post<unknown>(`${MERCHANT_PATH}/webhooks/${encodeURIComponent(id)}/remove`, {})),
      ),
  };
}
