// The audit log's actions in words. An action that is not listed is shown by its own name, never left out.

const WORDS: Record<string, string> = {
  'settlement.received': 'Payment received',
  'settlement.withdrawn': 'Withdrawal made',
  'settlement.migrated': 'Wallet moved',
  'merchant.signed-up': 'Account opened',
  'settlement.provisioned': 'Settlement address made',
  'totp.set-up': 'Authenticator app begun',
  'totp.confirmed': 'Authenticator app set up',
  'api-key.created': 'API key made',
  'api-key.rotated': 'API key given a new secret',
  'api-key.revoked': 'API key revoked',
  'upgrade.begun': 'Upgrade to your own wallet begun',
  'upgrade.deployed': 'Your own wallet made',
  'upgrade.failed': 'Your own wallet could not be made',
  'migration.confirmed': 'Move to your own wallet approved',
  'migration.transferring': 'Balance on its way to your own wallet',
  'migration.transferred': 'Balance arrived in your own wallet',
  'migration.closing': 'Old account being closed',
  'migration.closed': 'Old account closed',
  'migration.done': 'Old key deleted',
  'migration.stopped': 'Move to your own wallet stopped',
  'withdrawal.submitted': 'Withdrawal approved',
  'withdrawal.confirmed': 'Withdrawal made',
  'withdrawal.failed': 'Withdrawal failed',
  'withdrawal-rules.set': 'Withdrawal rules set',
  'withdrawal-destination.allowed': 'Destination added to the list',
  'withdrawal-destination.removed': 'Destination taken off the list',
  'device.adding': 'Device being added',
  'device.added': 'Device added',
  'device.removing': 'Device being removed',
  'device.removed': 'Device removed',
  'webhook-added': 'Webhook added',
  'webhook-removed': 'Webhook removed',
  'webhook-replayed': 'Webhook sent again',
};

export function auditWords(action: string): string {
  const known = WORDS[action];
  if (known !== undefined) return known;
  const words = action.replace(/^(settlement|merchant)\./, '').replaceAll(/[._-]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What an entry says besides: names and values, in words where they are simple. */
export function auditFacts(detail: Record<string, unknown>): { name: string; value: string }[] {
  return Object.entries(detail)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => ({
      name: name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase(),
      value: typeof value === 'object' ? JSON.stringify(value) : String(value),
    }));
}
