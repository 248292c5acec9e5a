// A person with a token who uses a Gitea, real or double, directly: the other side of what the tracker does.

import type { Person } from '../ports/tracker.suite.ts';

/** A Gitea and somebody's token for it. */
export interface GiteaLogin {
  readonly url: string;
  readonly token: string;
}

/** Sends one request (`GET /user`) as it is; throws where the answer is no success, and gives what the server sent. */
export async function askGitea(login: GiteaLogin, request: string, body?: unknown): Promise<unknown> {
  const [method = 'GET', path = ''] = request.split(' ');
  const response = await fetch(`${login.url}/api/v1${path}`, {
    method,
    headers: { authorization: `token ${login.token}`, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) {
    throw new Error(`${request}: HTTP ${response.status} ${text.slice(0, 200)}`);
  }
  return text === '' ? null : (JSON.parse(text) as unknown);
}

/** The login's account name. */
export async function loginName(login: GiteaLogin): Promise<string> {
  return ((await askGitea(login, 'GET /user')) as { login: string }).login;
}

/** That person in one repository, `owner/name`. */
export function giteaPerson(login: GiteaLogin, full: string): Person {
  const at = `/repos/${full}/issues`;
  return {
    async open(title, body) {
      return ((await askGitea(login, `POST ${at}`, { title, body })) as { number: number }).number;
    },
    async comment(number, body) {
      await askGitea(login, `POST ${at}/${number}/comments`, { body });
    },
    async setState(number, state) {
      await askGitea(login, `PATCH ${at}/${number}`, { state });
    },
    async editBody(number, body) {
      await askGitea(login, `PATCH ${at}/${number}`, { body });
    },
    async body(number) {
      return ((await askGitea(login, `GET ${at}/${number}`)) as { body: string }).body;
    },
    async comments(number) {
      const comments = (await askGitea(login, `GET ${at}/${number}/comments`)) as readonly { body: string }[];
      return comments.map((comment) => comment.body);
    },
  };
}
