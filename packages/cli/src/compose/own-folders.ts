/** What Tenon keeps in a workspace, as gitignore rules: no scan of the workspace looks into it. */
export const OWN_FOLDERS: readonly string[] = ['.tenon/', '.runs/']
