// Decides whether a name is meant by a pattern such as `project-meta-*`.

/** Whether `pattern` names `name`; `*` stands for any text, also none, and everything else for itself. */
export function matchesPattern(pattern: string, name: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) {
    return pattern === name;
  }
  if (!name.startsWith(head)) {
    return false;
  }
  let from = head.length;
  for (const part of rest) {
    const found = name.indexOf(part, from);
    if (found < 0) {
      return false;
    }
    from = found + part.length;
  }
  return name.length - tail.length >= from && name.endsWith(tail);
}
