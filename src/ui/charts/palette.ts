/**
 * The colours of charts. Each that carries meaning has a contrast of at least 3:1 with white and with the band, and none
 * carries it alone: lines differ in dash, points in shape, and everything is labelled where it stands.
 * After the Government Analysis Function's palette, https://analysisfunction.civilservice.gov.uk/policy-store/data-visualisation-colours-in-charts/
 */
export const colours = {
  text: '#0b0c0c',
  quietText: '#484949',
  axis: '#6f777b',
  grid: '#dfe3e6',
  panel: '#f4f6f8',
  band: '#e6eaed',
  school: '#12436d',
  schoolRange: '#5b82a8',
  similar: '#5f6569',
  authority: '#1f7a72',
  expectation: '#801650',
} as const;

/**
 * Five steps of one hue from light to dark, for a figure’s class: told apart by lightness alone, so by everybody, and on
 * paper. Text on each has a contrast of at least 4.5:1.
 */
export const steps = [
  { fill: '#e3eef8', ink: '#0b0c0c' },
  { fill: '#b4d0ea', ink: '#0b0c0c' },
  { fill: '#7aa9d4', ink: '#0b0c0c' },
  { fill: '#2f6ca8', ink: '#ffffff' },
  { fill: '#0b2f57', ink: '#ffffff' },
] as const;
