/** The version of the skill-map specification that is built here. */
export const SPEC_VERSION = '0.19.0'

/** The version of the catalogue of view contracts and input types. */
export const CATALOG_VERSION = '1.0.0'

/** What a scan says that it was made by. */
export const SCANNED_BY = { name: 'tenon', version: '0.1.0', specVersion: SPEC_VERSION }
