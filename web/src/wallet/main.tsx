// Entry of the web wallet: makes the one SDK client and mounts the app.
import '../ui/theme.css';
import '../ui/base.css';
import '../ui/controls.css';
import '../ui/display.css';
import './layout.css';
import './screens.css';
import { createLatchkey } from '@latchkey/sdk';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { App } from './App.tsx';
import { LatchkeyContext } from './latchkeyContext.ts';

const latchkey = createLatchkey({ baseUrl: '' });

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <LatchkeyContext value={latchkey}>
      <BrowserRouter>
        <App />
      </BrowserRouter>
    </LatchkeyContext>
  </StrictMode>,
);
