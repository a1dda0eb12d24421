// Time that is left until a moment, told anew each second; negative once it has passed.
import { useEffect, useState } from 'react';

const TICK_MS = 1_000;

export function useTimeLeft(untilMs: number): number {
  const [nowMs, setNowMs] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return untilMs - nowMs;
}
