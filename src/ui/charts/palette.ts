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
