// The last resort when the app itself breaks: says so plainly and offers to load it again. Nothing of the error is
// shown; the browser's console has it.
import { Component, type ReactNode } from 'react';
import { Button } from '../ui/Button.tsx';

export class CrashBoundary extends Component<{ children: ReactNode }, { crashed: boolean }> {
  override state = { crashed: false };

  static getDerivedStateFromError() {
    return { crashed: true };
  }

  override render() {
    if (!this.state.crashed) return this.props.children;
    return (
      <main className="crash">
        <h1>This page has stopped working</h1>
        <p>
          Your wallet and your money are on the network, not in this page. Load it again, and look at your
          activity before you repeat anything.
        </p>
        <Button onClick={() => window.location.assign('/')}>Load again</Button>
      </main>
    );
  }
}
