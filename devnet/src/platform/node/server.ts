// HTTP, by Node's own server.
export { serve } from '../../http/server.ts';
