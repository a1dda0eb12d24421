import { stories } from './stories.suite.ts';

stories('on the embedded network', () => ({}));
