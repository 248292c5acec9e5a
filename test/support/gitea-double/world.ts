// What the Gitea double remembers: people, tokens, repositories, labels, issues, comments and events.

/** A person or bot. */
export interface User {
  readonly id: number;
  readonly login: string;
  readonly createdAt: number;
  mayLogIn: boolean;
}

/** A token; scopes as Gitea writes them: `read:issue`, `write:repository`. */
export interface Token {
  readonly value: string;
  readonly user: User;
  readonly scopes: readonly string[];
}

/** A label of one repository. */
export interface Label {
  readonly id: number;
  readonly name: string;
  readonly color: string;
  readonly exclusive: boolean;
  description: string;
}

/** A comment or event; both draw their ids from one series. */
export interface Entry {
  readonly id: number;
  readonly issue: Issue;
  readonly type: string;
  readonly user: User;
  readonly createdAt: number;
  body: string;
  updatedAt: number;
}

/** An issue or pull request; both draw their numbers from one series. */
export interface Issue {
  readonly id: number;
  readonly repository: Repository;
  readonly number: number;
  readonly user: User;
  readonly isPull: boolean;
  readonly createdAt: number;
  readonly dueDate: string | null;
  title: string;
  body: string;
  labels: Label[];
  assignees: User[];
  state: 'open' | 'closed';
  isLocked: boolean;
  updatedAt: number;
  closedAt: number | null;
  contentVersion: number;
  /** What the search index knows of it; null: it never learned of it. */
  indexed: string | null;
}

/** A repository with everything in it. */
export interface Repository {
  readonly id: number;
  readonly owner: User;
  readonly createdAt: number;
  readonly isPrivate: boolean;
  readonly description: string;
  readonly writers: Set<User>;
  readonly labels: Label[];
  readonly issues: Issue[];
  readonly entries: Entry[];
  name: string;
  hasIssues: boolean;
  archived: boolean;
  lastNumber: number;
}

/** Numbers that the server hands out, each in one series for all repositories. */
export interface Series {
  user: number;
  repository: number;
  label: number;
  issue: number;
  entry: number;
}

/** The whole server's memory. Tests prepare it directly; requests change it through the handlers. */
export class World {
  readonly users: User[] = [];
  readonly tokens: Token[] = [];
  readonly repositories: Repository[] = [];
  /** Old `owner/name` in lower case to the repository that bears another name now. */
  readonly moved = new Map<string, Repository>();
  readonly last: Series = { user: 0, repository: 0, label: 0, issue: 0, entry: 0 };
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Gitea keeps whole seconds. */
  now(): number {
    return Math.floor(this.#now() / 1000) * 1000;
  }

  addUser(login: string): User {
    this.last.user += 1;
    const user: User = { id: this.last.user, login, createdAt: this.now(), mayLogIn: true };
    this.users.push(user);
    return user;
  }

  addToken(user: User, value: string, scopes: readonly string[]): Token {
    const token = { value, user, scopes };
    this.tokens.push(token);
    return token;
  }

  addRepository(owner: User, name: string, rest: { isPrivate?: boolean; description?: string } = {}): Repository {
    this.last.repository += 1;
    const repository: Repository = {
      id: this.last.repository,
      owner,
      createdAt: this.now(),
      isPrivate: rest.isPrivate ?? false,
      description: rest.description ?? '',
      writers: new Set([owner]),
      labels: [],
      issues: [],
      entries: [],
      name,
      hasIssues: true,
      archived: false,
      lastNumber: 0,
    };
    this.repositories.push(repository);
    return repository;
  }

  addLabel(
    repository: Repository,
    label: { name: string; color: string; exclusive?: boolean; description?: string },
  ): Label {
    this.last.label += 1;
    const added: Label = {
      id: this.last.label,
      name: label.name,
      color: label.color,
      exclusive: label.exclusive ?? false,
      description: label.description ?? '',
    };
    repository.labels.push(added);
    return added;
  }

  addIssue(
    repository: Repository,
    user: User,
    issue: {
      title: string;
      body?: string;
      labels?: Label[];
      assignees?: User[];
      closed?: boolean;
      dueDate?: string;
      isPull?: boolean;
    },
  ): Issue {
    this.last.issue += 1;
    repository.lastNumber += 1;
    const at = this.now();
    const added: Issue = {
      id: this.last.issue,
      repository,
      number: repository.lastNumber,
      user,
      isPull: issue.isPull ?? false,
      createdAt: at,
      dueDate: issue.dueDate ?? null,
      title: issue.title,
      body: issue.body ?? '',
      labels: issue.labels ?? [],
      assignees: issue.assignees ?? [],
      state: issue.closed === true ? 'closed' : 'open',
      isLocked: false,
      updatedAt: at,
      closedAt: issue.closed === true ? at : null,
      contentVersion: 0,
      indexed: null,
    };
    repository.issues.push(added);
    for (const label of added.labels) {
      this.addEntry(added, user, { type: 'label', body: String(label.id) });
    }
    for (const assignee of added.assignees) {
      this.addEntry(added, user, { type: 'assignees', body: assignee.login });
    }
    return added;
  }

  /** Every entry moves the issue's `updated_at`. */
  addEntry(issue: Issue, user: User, entry: { type: string; body: string }): Entry {
    this.last.entry += 1;
    const at = this.now();
    const added: Entry = {
      id: this.last.entry,
      issue,
      type: entry.type,
      user,
      createdAt: at,
      body: entry.body,
      updatedAt: at,
    };
    issue.repository.entries.push(added);
    issue.updatedAt = at;
    return added;
  }

  setState(issue: Issue, user: User, state: 'open' | 'closed'): void {
    if (issue.state !== state) {
      issue.state = state;
      this.addEntry(issue, user, { type: state === 'closed' ? 'close' : 'reopen', body: '' });
      issue.closedAt = state === 'closed' ? this.now() : null;
    }
  }

  comments(issue: Issue): Entry[] {
    return issue.repository.entries.filter((entry) => entry.issue === issue && entry.type === 'comment');
  }

  /** The repository by its present name, without regard to case. */
  repository(owner: string, name: string): Repository | null {
    const full = `${owner}/${name}`.toLowerCase();
    return this.repositories.find((one) => fullName(one).toLowerCase() === full) ?? null;
  }
}

/** `owner/name`. */
export function fullName(repository: Repository): string {
  return `${repository.owner.login}/${repository.name}`;
}

/** May `user` (null: nobody signed in) see it? */
export function mayRead(repository: Repository, user: User | null): boolean {
  return !repository.isPrivate || mayWrite(repository, user);
}

/** May `user` change labels, assignees and other people's issues? */
export function mayWrite(repository: Repository, user: User | null): boolean {
  return user !== null && repository.writers.has(user);
}
