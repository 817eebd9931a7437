import { join } from 'node:path'
import { nodeDisk, signingKey, type SigningKey } from '@tenon/bundle'

/** The key with which a host signs tokens. */
export const tokenKey = (home: string): Promise<SigningKey> => signingKey(nodeDisk, join(home, 'keys'), 'host-token')

/** The key with which ledgers of identities are signed on this machine. */
export const ledgerKey = (home: string): Promise<SigningKey> => signingKey(nodeDisk, join(home, 'keys'), 'ledger')

/** The key with which bundles of a publisher are signed on this machine. */
export const publisherKey = (home: string, publisher: string): Promise<SigningKey> =>
  signingKey(nodeDisk, join(home, 'keys'), `publisher-${publisher}`)
