// Says whether a file can keep a secret, by its permissions.

/** Where systemd puts the credentials of services: readable by a list of rights, which shows as rights of the group. */
const CREDENTIAL = /^\/run\/(?:user\/\d+\/)?credentials\//;

/** Who else can use the secret in `path`, whose mode is `mode`, and what cures that; null: its owner alone can (and root). */
export function exposureOf(path: string, mode: number): string | null {
  const others = CREDENTIAL.test(path) ? 0o007 : 0o077;
  const shown = (mode & 0o777).toString(8).padStart(4, '0');
  return (mode & others) === 0 ? null : `others than its owner can use ${path} (mode ${shown}): chmod 600 ${path}`;
}
