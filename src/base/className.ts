/** What a school calls a class, in letters, digits and the signs that stand in such names: `7B`, `Oak Class`, `6-B`, `Y5/6`. */
export const classNameShape = /[\p{L}\p{N}][\p{L}\p{N}\p{M} .,'’&()+_/-]{0,39}/u;

const whole = new RegExp(`^${classNameShape.source}$`, 'u');

export function isClassName(text: string): boolean {
  return whole.test(text);
}
