// Entry of the demo page: everything happens in this page and its worker; no server of ours is asked for anything.
import '../ui/theme.css';
import '../ui/base.css';
import '../ui/controls.css';
import '../ui/display.css';
import '../wallet/layout.css';
import '../wallet/screens.css';
import './demo.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { PasskeySupportProvider } from '../wallet/passkeySupportContext.tsx';
import { Demo } from './Demo.tsx';

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <PasskeySupportProvider>
      <Demo />
    </PasskeySupportProvider>
  </StrictMode>,
);
