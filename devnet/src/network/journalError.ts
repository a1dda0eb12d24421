// Why a state file cannot be used. It stands apart from the journal, which needs a file system, so that whoever only
// tells errors apart can do so in a browser too.

export type JournalErrorCode = 'STATE_DAMAGED' | 'STATE_OF_ANOTHER_NETWORK' | 'STATE_IN_USE';

export class JournalError extends Error {
  readonly code: JournalErrorCode;

  constructor(code: JournalErrorCode, message: string) {
    super(message);
    this.name = 'JournalError';
    this.code = code;
  }
}
