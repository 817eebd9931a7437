export { nodeDisk, writeAside } from './disk.ts'
export { digestBytes, digesting, digestJson } from './digests.ts'
export { folderBlobStore } from './blob-store.ts'
export { readArchive, writeArchive, type PluginFile } from './archive.ts'
export { treePaths } from './tree-paths.ts'
export { listTree, readFiles, readTree, type FolderTree } from './folder-tree.ts'
export {
  keyIdOf,
  newSigningKey,
  publicKeyText,
  readPublicKey,
  readSigningKey,
  signingKey,
  type SigningKey,
} from './signing-key.ts'
export { signStatement, verifyEnvelope, type VerifiedStatement } from './envelope.ts'
export { isCertified, uncertified, type Attestation } from './attestation.ts'
export { openBundle, refuseForeignStatement, type Bundle } from './bundle.ts'
export { contentStore, type ContentStore, type StoredBundle } from './content-store.ts'
export { currentGeneration, NO_GENERATION, readGeneration, type Generation } from './generation.ts'
export { openRepository, type Repository } from './git-repository.ts'
export { blobOf, gitBlobs, gitTree, type GitFile } from './git-tree.ts'
