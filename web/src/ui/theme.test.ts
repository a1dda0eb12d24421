import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const TEXT = 4.5;
const OUTLINE = 3;

/** Pairs of ink and ground that the stylesheets use, with the contrast WCAG 2.2 asks for (1.4.3 and 1.4.11). */
const PAIRS: readonly [ink: string, ground: string, least: number][] = [
  ['ink', 'paper', TEXT],
  ['ink', 'surface', TEXT],
  ['ink', 'sunken', TEXT],
  ['ink-soft', 'paper', TEXT],
  ['ink-soft', 'surface', TEXT],
  ['ink-soft', 'sunken', TEXT],
  ['accent', 'paper', TEXT],
  ['accent', 'surface', TEXT],
  ['accent', 'sunken', TEXT],
  ['on-accent', 'accent', TEXT],
  ['on-accent', 'accent-hover', TEXT],
  ['on-plate', 'plate', TEXT],
  ['on-plate', 'plate-deep', TEXT],
  ['on-plate-soft', 'plate', TEXT],
  ['good-ink', 'good-ground', TEXT],
  ['good-ink', 'paper', TEXT],
  ['warn-ink', 'warn-ground', TEXT],
  ['bad-ink', 'bad-ground', TEXT],
  ['bad-ink', 'paper', TEXT],
  ['line-strong', 'paper', OUTLINE],
  ['line-strong', 'surface', OUTLINE],
  ['focus', 'paper', OUTLINE],
  ['focus', 'surface', OUTLINE],
  ['focus', 'warn-ground', OUTLINE],
  ['brass', 'plate', OUTLINE],
];

const css = readFileSync(new URL('./theme.css', import.meta.url), 'utf8');
const darkStart = css.indexOf('prefers-color-scheme: dark');

function palette(source: string): Record<string, string> {
  return Object.fromEntries(
    Array.from(source.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g), ([, name, hex]) => [name, hex]),
  );
}

/** Relative luminance as WCAG 2.2 defines it. */
function luminance(hex: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

const light = palette(css.slice(0, darkStart));
const themes = { light, dark: { ...light, ...palette(css.slice(darkStart)) } };

describe.each(Object.entries(themes))('the %s theme', (_, colours) => {
  it.each(PAIRS)('sets %s on %s with contrast enough', (ink, ground, least) => {
    expect(contrast(colours[ink]!, colours[ground]!)).toBeGreaterThanOrEqual(least);
  });
});

describe('contrast', () => {
  it('is 21 between black and white and 1 between equals', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
    expect(contrast('#123456', '#123456')).toBe(1);
  });
});
