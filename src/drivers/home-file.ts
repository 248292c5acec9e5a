// Finds a file in the folder of a CLI's own, which a variable may move out of the home.

type Environment = Readonly<Record<string, string>>;

/** `file` in the folder that `variable` names, else in `folder` below the home; empty where neither is known. */
export function homeFile(
  env: Environment,
  place: { readonly variable: string; readonly folder: string },
  file: string,
): readonly string[] {
  const { HOME } = env;
  const home = env[place.variable] ?? (HOME === undefined ? null : `${HOME}/${place.folder}`);
  return home === null ? [] : [`${home}/${file}`];
}
