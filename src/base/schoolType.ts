/** The three school types in which the department publishes absence, spelled as published. */
export const schoolTypes = ['State-funded primary', 'State-funded secondary', 'Special'] as const;
export type SchoolType = (typeof schoolTypes)[number];

export function isSchoolType(text: string): text is SchoolType {
  return (schoolTypes as readonly string[]).includes(text);
}

/** In a sentence: "primary schools", "secondary schools", "special schools". */
export const schoolTypePlural: Record<SchoolType, string> = {
  'State-funded primary': 'primary schools',
  'State-funded secondary': 'secondary schools',
  Special: 'special schools',
};

/** In a sentence: "primary school", "secondary school", "special school". */
export const schoolTypeSingular: Record<SchoolType, string> = {
  'State-funded primary': 'primary school',
  'State-funded secondary': 'secondary school',
  Special: 'special school',
};
