/** What is kept of an amendment that came in a file, where its row does not say why, who or in what position. */
export const notSaid = 'not said';
