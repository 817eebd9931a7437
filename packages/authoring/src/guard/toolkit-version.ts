/** The version of Tenon whose files these are; a test holds it to package.json. */
export const TOOLKIT = '0.1.0'
