// HTTP, by Node's own server.
export { serve } from '../../server.ts';
