// Entry of the merchants' dashboard: makes the one client and mounts the app.
import '../ui/theme.css';
import '../ui/base.css';
import '../ui/controls.css';
import '../ui/display.css';
import '../wallet/layout.css';
import '../wallet/screens.css';
import './dashboard.css';
import { createMerchantClient } from '@latchkey/sdk/merchant';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { App } from './App.tsx';
import { ClientContext } from './clientContext.ts';

const client = createMerchantClient({ baseUrl: '' });

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <ClientContext value={client}>
      <BrowserRouter>
        <App />
      </BrowserRouter>
    </ClientContext>
  </StrictMode>,
);
