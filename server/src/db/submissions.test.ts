import { onEveryDatabase } from '../testing/everyDatabase.ts';
import { submissionSuite } from './submissions.suite.ts';

onEveryDatabase((open) => submissionSuite('submissions', open));
