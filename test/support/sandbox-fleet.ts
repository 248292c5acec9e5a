// The small fleet on which the breaker is tried: projects with a meta agent and a developer each, all started on demand.

/** agents.toml with `projects`, each with `extra` lines of its own; `top` stands before them. */
export function sandboxFleet(
  projects: readonly string[] = ['sandbox'],
  input: { readonly top?: string; readonly extra?: string } = {},
): string {
  return [input.top ?? '', ...projects.map((id) => projectToml(id, input.extra ?? ''))].join('\n');
}

/** Key of the counted agent of `project`. */
export function metaOf(project: string): string {
  return `${project}/project-meta-${project}`;
}

function projectToml(id: string, extra: string): string {
  return `
[[projects]]
id = "${id}"
working_dir = "/repo"
${extra}

[[agents]]
name = "project-meta-${id}"
project = "${id}"
layer = "Growth"
cli_tool = "sh"
task = "true"

[[agents]]
name = "developer-${id}"
project = "${id}"
layer = "Growth"
cli_tool = "sh"
task = "true"
`;
}
